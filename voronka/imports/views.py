"""Import in four steps: the file, the mapping, the check, the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.money import money_text, number_text
from voronka.core.registry import import_targets
from voronka.imports import actions, dialects, forms
from voronka.imports.models import ImportRun, SavedMapping

CONFLICTS_SHOWN = 200
COLUMNS_SHOWN = 6
ACTIONS = ("created", "updated", "skipped", "refused")
imports_files = permission_required("imports.run", raise_exception=True)
Status = ImportRun.Status


@imports_files
def run_list(request: Request) -> HttpResponse:
    """The imports of this person, newest first."""
    runs = ImportRun.objects.visible_to(request.user).newest()[:100]
    return render(request, "imports/list.html", {"title": _("Import"), "runs": runs})


@imports_files
def new(request: Request) -> HttpResponse:
    """Step 1: drop the files. What can't be taken is refused beside the field, in one sentence."""
    form = forms.FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            files = [(file, file.name) for file in form.cleaned_data["file"]]
            run = actions.receive_together(files, by=request.user)
        except RuleBroken as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("imports:detail", pk=run.pk)
    return render(
        request, "imports/new.html", {"title": _("New import"), "form": form}, status=422 if form.errors else 200
    )


@imports_files
def detail(request: Request, pk: int) -> HttpResponse:
    """Steps 2 to 4 on one page; `?part=state` answers the progress while the worker is busy, `?tab=` the rows of one outcome."""
    run = get_object_or_404(ImportRun.objects.visible_to(request.user), pk=pk)
    if request.GET.get("part") == "state":
        answer = render(request, "imports/_state.html", {"run": run})
        if not run.is_busy:
            answer.headers["HX-Refresh"] = "true"
        return answer
    form = forms.OptionsForm(request.POST or None, run=run, user=request.user)
    if request.method == "POST" and form.is_valid():
        return _act(request, run, form)
    template = "imports/bundle.html" if run.is_bundle else "imports/detail.html"
    return render(request, template, {"title": run.name, "run": run, "form": form, **_told(request, run)})


def _told(request: Request, run: ImportRun) -> dict[str, Any]:
    """What the page says of a run in its state."""
    conflicts = actions.conflicts_of(run) if run.status == Status.UNDONE else None
    told: dict[str, Any] = {
        "step": _step(run),
        "list_url": LISTS.get(run.kind, "partners:list"),
        "kept": conflicts.count() if conflicts is not None else 0,
        "conflicts": conflicts[:CONFLICTS_SHOWN] if conflicts is not None else [],
    }
    if run.is_bundle:
        return told | {"parts": _parts(run)}
    saved = SavedMapping.objects.visible_to(request.user).filter(pk=run.facts.get("saved")).first()
    return told | {
        "columns": _columns(run),
        "groups": _groups(run),
        "missing": _missing(run),
        "target": actions.target_of(run),
        "dialect": dialects.dialect_of(run.facts.get("dialect", "")),
        "saved": saved,
        "tab": _tab(run, request.GET.get("tab", "")) if run.outcome else None,
    }


# Where the records of a kind are seen; partners elsewhere.
OF_DEALS = ("opportunities", "stages", "competitors", "interests", "reasons", "deal-partners", "deal-items", "deal-contacts")  # fmt: skip
LISTS = {"activities": "activities:list"} | dict.fromkeys(OF_DEALS, "opportunities:list")
PAGES = {"partners": "partners:detail"} | dict.fromkeys(OF_DEALS, "opportunities:detail")


def _step(run: ImportRun) -> int:
    """Which of the four steps the page stands at: 1 file, 2 mapping, 3 check, 4 result."""
    if run.status in (Status.DONE, Status.UNDOING, Status.UNDONE) or (
        run.writes and run.status in (Status.RUNNING, Status.PAUSED)
    ):
        return 4
    return 3 if run.status in (Status.CHECKING, Status.CHECKED, Status.PAUSED) else 2


def _parts(run: ImportRun) -> list[tuple[ImportRun, Any, Any]]:
    """The files of a run of several, each with its kind and whose export it is."""
    parts = run.parts.order_by("position", "pk")
    return [(part, import_targets.get(part.kind), dialects.dialect_of(part.facts.get("dialect", ""))) for part in parts]


def _tab(run: ImportRun, wanted: str) -> dict[str, Any]:
    """The rows of one outcome as they were understood: the first of them, in the columns most of them fill."""
    found = [name for name in ACTIONS if name in run.outcome]
    name = wanted if wanted in found else ("refused" if run.status == Status.CHECKED and run.refused else found[0])
    target, outcome, skip = actions.target_of(run), run.outcome[name], run.facts.get("skip", 1)
    shown = {*run.mapping.values(), target.name_field}
    filled = Counter(field for _row, _reason, _key, values in outcome["rows"] for field in values if field in shown)
    columns = [field for field in target.staged if field in dict(filled.most_common(COLUMNS_SHOWN))]
    rows = [
        {
            "number": row + skip,
            "reason": target.words(reason) if reason else "",
            "url": reverse(PAGES[run.kind], args=[key]) if key and run.kind in PAGES and name != "refused" else "",
            "cells": [(target.labels[field], _cell(target, field, values.get(field, ""))) for field in columns],
        }
        for row, reason, key, values in outcome["rows"]
    ]
    tabs = [(one, getattr(run, one)) for one in found]
    reasons = [(target.words(reason), rows) for reason, rows in outcome["reasons"] if reason]
    labels = [target.labels[field] for field in columns]
    return {"name": name, "tabs": tabs, "rows": rows, "labels": labels, "reasons": reasons, "all": getattr(run, name)}


def _cell(target: Any, field: str, text: str) -> str:
    """What stands in a cell: a value of a choice by its label."""
    return str(target.choices.get(field, {}).get(text, "")) or _as_read(target.types.get(field), text)


def _number_as_read(kind: str, value: Decimal) -> str:
    """Exact: what is checked here is what is written."""
    places = -int(value.normalize().as_tuple().exponent)
    return money_text(value) if kind == "amount" else number_text(value, min(max(places, 0), 4))


def _as_read(kind: str | None, text: str) -> str:
    """A staged value as people write it; one that was not understood as it stands."""
    try:
        if kind == "date":
            return date_format(date.fromisoformat(text), "SHORT_DATE_FORMAT")
        if kind == "moment":
            return date_format(datetime.fromisoformat(text), "SHORT_DATETIME_FORMAT")
        return _number_as_read(kind, Decimal(text)) if kind and text else text
    except (ValueError, ArithmeticError):
        return text


def _act(request: Request, run: ImportRun, form: forms.OptionsForm) -> HttpResponse:
    """Keep the mapping; `check` and `run` hand the work to the background worker, `sheet` reads another sheet."""
    options = dict(form.cleaned_data)
    kind, wanted = options.pop("kind", run.kind), request.POST.get("act", "")
    mapping = {str(index): request.POST.get(f"column-{index}", "") for index in range(len(run.headers))}
    try:
        if wanted == "sheet":
            actions.choose_sheet(run, request.POST.get("sheet", ""), by=request.user)
            return redirect("imports:detail", pk=run.pk)
        if kind != run.kind:
            run.kind = kind
            mapping = actions.propose(run)
        actions.set_mapping(run, mapping, options, kind=kind, by=request.user)
        if wanted in ("check", "run"):
            actions.start(run, write=wanted == "run", by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect("imports:detail", pk=run.bundle_id if wanted == "back" else run.pk)


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


def _groups(run: ImportRun) -> list[tuple[str, list[tuple[str, Any]]]]:
    """The fields a column can be mapped to, those of other records in the row apart: their labels begin with whose they are."""
    groups: dict[str, list[tuple[str, Any]]] = {}
    for name, label in actions.target_of(run).labels.items():
        whose, _colon, own = str(label).partition(": ")
        groups.setdefault(whose if own else "", []).append((name, label))
    return list(groups.items())


def _missing(run: ImportRun) -> list[tuple[Any, list[str]]]:
    labels = actions.target_of(run).labels
    return [(labels.get(field, field), values) for field, values in run.missing.items()]


@imports_files
def mappings(request: Request) -> HttpResponse:
    """How columns were read the last times: one's own, to be shared or forgotten, and those of others."""
    saved = SavedMapping.objects.visible_to(request.user).select_related("owner")[:200]
    rows = [(one, import_targets.get(one.kind), one.owner_id == request.user.pk) for one in saved]
    return render(request, "imports/mappings.html", {"title": _("Saved mappings"), "rows": rows})


@imports_files
@require_POST
def mapping(request: Request, pk: int) -> HttpResponse:
    """Share a mapping, keep it to oneself again, or forget it."""
    saved = get_object_or_404(SavedMapping.objects.editable_by(request.user), pk=pk)
    act = request.POST.get("act")
    if act == "forget":
        actions.forget_mapping(saved, by=request.user)
    elif act in ("share", "keep"):
        actions.share_mapping(saved, act == "share", by=request.user)
    return redirect("imports:mappings")


def _changed(request: Request, pk: int, act: Callable[..., ImportRun]) -> HttpResponse:
    """Do something with a run this person may change; a rule against it is said on the page."""
    run = get_object_or_404(ImportRun.objects.editable_by(request.user), pk=pk)
    try:
        act(run, by=request.user)
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect("imports:detail", pk=pk)


@imports_files
@require_POST
def cancel(request: Request, pk: int) -> HttpResponse:
    return _changed(request, pk, actions.cancel)


@imports_files
@require_POST
def pause(request: Request, pk: int) -> HttpResponse:
    return _changed(request, pk, actions.pause)


@imports_files
@require_POST
def resume(request: Request, pk: int) -> HttpResponse:
    return _changed(request, pk, actions.resume)


@imports_files
@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    """Take the whole import back, in the background."""
    return _changed(request, pk, actions.undo)


@imports_files
def refused(request: Request, pk: int) -> HttpResponseBase:
    """The refused rows with their reasons, to be corrected and dropped again."""
    run = get_object_or_404(ImportRun.objects.visible_to(request.user), pk=pk)
    path = actions.refused_file(run) if run.file else None
    if path is None or not path.exists():
        raise Http404
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"{_('refused')}-{run.pk}.csv", content_type="text/csv"
    )
