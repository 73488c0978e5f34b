"""Import in four steps: the file, the mapping, the check, the run."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.imports import actions, dialects, forms
from voronka.imports.models import ImportRun

CONFLICTS_SHOWN = 200
imports_files = permission_required("imports.run", raise_exception=True)


@imports_files
def run_list(request: Request) -> HttpResponse:
    """The imports of this person, newest first."""
    runs = ImportRun.objects.visible_to(request.user).newest()[:100]
    return render(request, "imports/list.html", {"title": _("Import"), "runs": runs})


@imports_files
def new(request: Request) -> HttpResponse:
    """Step 1: drop the file. A file that can't be taken is refused beside the field, in one sentence."""
    form = forms.FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            run = actions.receive(form.cleaned_data["file"], form.cleaned_data["file"].name, by=request.user)
        except RuleBroken as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("imports:detail", pk=run.pk)
    return render(
        request, "imports/new.html", {"title": _("New import"), "form": form}, status=422 if form.errors else 200
    )


@imports_files
def detail(request: Request, pk: int) -> HttpResponse:
    """Steps 2 to 4 on one page; `?part=state` answers the progress while the worker is busy."""
    run = get_object_or_404(ImportRun.objects.visible_to(request.user), pk=pk)
    if request.GET.get("part") == "state":
        answer = render(request, "imports/_state.html", {"run": run})
        if not run.is_busy:
            answer.headers["HX-Refresh"] = "true"
        return answer
    form = forms.OptionsForm(request.POST or None, initial=run.options | {"kind": run.kind})
    if request.method == "POST" and form.is_valid():
        return _act(request, run, form)
    context = {
        "title": run.name,
        "run": run,
        "form": form,
        "columns": _columns(run),
        "missing": _missing(run),
        "target": actions.target_of(run),
        "dialect": dialects.dialect_of(run.facts.get("dialect", "")),
        "kept": run.conflicts.count() if run.status == ImportRun.Status.UNDONE else 0,
        "conflicts": run.conflicts.all()[:CONFLICTS_SHOWN] if run.status == ImportRun.Status.UNDONE else [],
    }
    return render(request, "imports/detail.html", context)


def _act(request: Request, run: ImportRun, form: forms.OptionsForm) -> HttpResponse:
    """Keep the mapping; `check` and `run` hand the work to the background worker."""
    options = dict(form.cleaned_data)
    kind = options.pop("kind")
    mapping = {str(index): request.POST.get(f"column-{index}", "") for index in range(len(run.headers))}
    try:
        if kind != run.kind:
            run.kind = kind
            mapping = actions.propose(run)
        actions.set_mapping(run, mapping, options, kind=kind, by=request.user)
        if (wanted := request.POST.get("act", "")) in ("check", "run"):
            actions.start(run, write=wanted == "run", by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect("imports:detail", pk=run.pk)


def _columns(run: ImportRun) -> list[dict[str, Any]]:
    """Each column of the file with three sample values, and the field it is mapped to."""
    return [
        {
            "index": index,
            "header": header,
            "samples": [row[index] for row in run.samples[:3] if row[index]],
            "field": run.mapping.get(str(index), ""),
        }
        for index, header in enumerate(run.headers)
        if header
    ]


def _missing(run: ImportRun) -> list[tuple[Any, list[str]]]:
    labels = actions.target_of(run).labels
    return [(labels.get(field, field), values) for field, values in run.missing.items()]


@imports_files
@require_POST
def cancel(request: Request, pk: int) -> HttpResponse:
    run = get_object_or_404(ImportRun.objects.editable_by(request.user), pk=pk)
    actions.cancel(run, by=request.user)
    return redirect("imports:detail", pk=pk)


@imports_files
@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    """Take the whole import back, in the background."""
    run = get_object_or_404(ImportRun.objects.editable_by(request.user), pk=pk)
    try:
        actions.undo(run, by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect("imports:detail", pk=pk)


@imports_files
def refused(request: Request, pk: int) -> HttpResponseBase:
    """The refused rows with their reasons, to be corrected and dropped again."""
    run = get_object_or_404(ImportRun.objects.visible_to(request.user), pk=pk)
    path = actions.refused_file(run)
    if not path.exists():
        raise Http404
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"{_('refused')}-{run.pk}.csv", content_type="text/csv"
    )
