"""The shallow classes of pages: a card and a form; the page of a list of values; the pages of errors. Later pages only declare."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import IO, Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.views import View

from voronka.core import actions
from voronka.core.audit import history_of
from voronka.core.errors import RuleBroken, StaleRecord
from voronka.core.frame import Request
from voronka.core.prepared import Prepared
from voronka.core.registry import panels_for


class DetailPage(View):
    """A card: the record through access, with its panels and history.

    `card` reads the record by its slot "pk", `reaching` a scope; `hanging(statement)` reads what hangs on it in the same reach.
    """

    request: Request
    model: ClassVar[Any]
    card: ClassVar[Prepared]
    place: ClassVar[str] = ""
    template: ClassVar[str]

    def get(self, request: Request, pk: int) -> HttpResponse:
        label = self.model.objects.all().scope_of
        self.scope = request.user.scope_for(label, "see")
        self.reach = {"pk": pk, "people": request.user.people_within(self.scope)}
        found = self.hanging(self.card)
        if not found:
            raise Http404
        self.object = found[0]
        if request.GET.get("part") == "history":
            return render(request, "core/history.html", {"entries": history_of(self.object, to=request.user)})
        if (part := self.part(request.GET.get("part", ""))) is not None:
            return part
        context = {"object": self.object, "panels": panels_for(self.place), "may_edit": self.may_edit()}
        return render(request, self.template, context | self.context())

    def hanging(self, statement: Prepared) -> list[Any]:
        """The rows of a prepared statement of the shape (scope) with the slots "pk" and "people"."""
        return statement(self.scope, **self.reach)

    def may_edit(self) -> bool:
        return self.model.objects.allows(self.request.user, "edit", self.object)

    def part(self, name: str) -> HttpResponse | None:
        """A part of the card asked for by itself, or None for the whole."""
        return None

    def context(self) -> dict[str, Any]:
        return {}


def number_of(text: str | None) -> int:
    """The whole number somebody sent: a key, a count; 0, which no row has, for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


def version_of(request: HttpRequest) -> int | None:
    """The version of a record its form showed when it was opened; None where it does not say."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def refused(form: Any, broken: RuleBroken, record: Any) -> int:
    """Say on the form what is wrong with it, or who was quicker to change the record (None: a new one); returns the status of the answer."""
    if isinstance(broken, StaleRecord):
        form.add_error(None, f"{broken} {_who_changed(record) if record else ''}".strip())
        return 409
    form.add_error(broken.field if broken.field in form.fields else None, str(broken))
    return 422


def _who_changed(record: Any) -> str:
    """Who changed the record meanwhile and what; "" if nobody is known."""
    entries = history_of(type(record).objects.get(pk=record.pk), limit=1)
    if not entries or entries[0].by is None:
        return ""
    labels = ", ".join(change.label for change in entries[0].changes)
    return str(_("%(person)s changed: %(fields)s. Your input is kept below; open the record anew to see theirs.")) % {
        "person": entries[0].by,
        "fields": labels,
    }


class FormPage(View):
    """Create or change a record. What was typed stays after an error; the second of two submits of one form makes no second record.

    A subclass names the model and the form and says how to `save` it. `form_token` is drawn with each empty form; the session
    remembers what it made, so a repeated POST leads to the record made by the first.
    """

    request: Request
    model: ClassVar[Any]
    form: ClassVar[Any]
    title_new: ClassVar[Any]
    template = "core/form.html"
    back: ClassVar[str]
    MADE: ClassVar[str] = "made_by_form"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        pk = kwargs.get("pk")
        self.object = get_object_or_404(self.rows(), pk=pk) if pk and request.user.is_authenticated else None

    def rows(self) -> QuerySet[Any]:
        return self.model.objects.editable_by(self.request.user)

    def initial(self) -> dict[str, Any]:
        return {}

    def build(self, data: Any = None) -> BaseForm:
        return self.form(data, instance=self.object or self.model(), user=self.request.user, initial=self.initial())

    def get(self, request: Request, **_kwargs: Any) -> HttpResponse:
        return self.show(self.build())

    def post(self, request: Request, **_kwargs: Any) -> HttpResponse:
        if (made := self._made_before()) is not None:
            return redirect(made)
        form = self.build(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            saved = self.save(form)
        except RuleBroken as broken:
            return self.show(form, status=refused(form, broken, self.object))
        self._remember(saved)
        return self.done(saved)

    def save(self, form: Any) -> Any:
        raise NotImplementedError

    def done(self, saved: Any) -> HttpResponse:
        messages.success(self.request, str(_("Saved.")))
        return redirect(self.address(saved))

    def address(self, saved: Any) -> str:
        return reverse(self.back.replace(":list", ":detail"), kwargs={"pk": saved.pk})

    def seen_version(self) -> int | None:
        """The version the page showed when it was opened."""
        return version_of(self.request)

    def show(self, form: Any, status: int = 200) -> HttpResponse:
        version = self.request.POST.get("version") or getattr(self.object, "version", "")
        context = {
            "form": form, "object": self.object, "version": version, "title": self.object or self.title_new,
            "form_token": self.request.POST.get("form_token") or secrets.token_hex(8), "back": reverse(self.back),
        }  # fmt: skip
        return render(self.request, self.template, context | self.context(form), status=status)

    def context(self, form: Any) -> dict[str, Any]:
        return {}

    def _made_before(self) -> str | None:
        token = self.request.POST.get("form_token", "")
        return self.request.session.get(self.MADE, {}).get(token) if token and self.object is None else None

    def _remember(self, saved: Any) -> None:
        token = self.request.POST.get("form_token", "")
        if token and self.object is None:
            made = dict(list(self.request.session.get(self.MADE, {}).items())[-19:])
            self.request.session[self.MADE] = made | {token: self.address(saved)}


def undoable(request: HttpRequest, words: str, address: str) -> None:
    """Tell of something done in a toast whose button takes it back by a POST to the address."""
    messages.success(request, words, extra_tags=address)


def undo_of(name: str, moment: datetime) -> str:
    """The address that takes back what one act did to many at a moment: the view of that name finds it by `moment_of`."""
    return f"{reverse(name)}?{urlencode({'moment': moment.isoformat()})}"


def moment_of(request: HttpRequest) -> datetime | None:
    """The moment an undo of many names, from the form or the address; None if it is none."""
    text = request.POST.get("moment") or request.GET.get("moment", "")
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None


def back_from_bin(request: Request, in_bin: QuerySet[Any], words: Any, back: str) -> HttpResponse:
    """Take back what one act of this person moved to the recycle bin; `words` (ngettext_lazy) say of how many `count` was."""
    count = actions.restore_deleted_at(moment_of(request), in_bin, by=request.user)
    messages.success(request, words % {"count": count})
    return redirect(back)


def lookup_page(request: Request, model: Any, title: Any) -> HttpResponse:
    """The page of one of the company's lists; each row is a small form, the last one adds."""
    if request.method == "POST":
        try:
            _change_value(request, model)
        except RuleBroken as broken:
            messages.error(request, str(broken))
        return redirect(request.path)
    more = [model._meta.get_field(name) for name in getattr(model, "MORE", ())]
    values = [(value, [(field, getattr(value, field.name)) for field in more]) for value in model.objects.all()]
    return render(request, "core/lookup.html", {"title": title, "values": values})


def _change_value(request: Request, model: Any) -> None:
    wanted = request.POST
    key, position = wanted.get("pk", ""), wanted.get("position", "")
    if not key:
        actions.add_value(model, wanted.get("name", ""), by=request.user)
        return
    value = get_object_or_404(model.objects.editable_by(request.user), pk=number_of(key))
    for name in getattr(model, "MORE", ()):
        _set_more(value, model._meta.get_field(name), wanted)
    actions.change_value(
        value,
        name=wanted.get("name", ""),
        position=int(position) if position.isdecimal() and len(position) < 6 else 100,
        is_active="is_active" in wanted,
        by=request.user,
    )


def _set_more(value: Any, field: Any, wanted: QueryDict) -> None:
    """A tick, or one of the field's choices; anything else leaves the field as it is."""
    if not field.choices:
        setattr(value, field.name, field.name in wanted)
        return
    for choice, _words in field.choices:
        if str(choice) == wanted.get(field.name):
            setattr(value, field.name, choice)


def value_options(request: Request, rows: QuerySet[Any], *, may_add: bool) -> JsonResponse:
    """Values of a list for a selector: up to 50 that have the typed text; a POST adds one by its name."""
    if request.method == "POST":
        return _added_value(request, rows.model, may_add=may_add)
    text = request.GET.get("q", "").replace("\x00", "")
    found = rows.filter(name__icontains=text)[:50]
    return JsonResponse([{"value": row.pk, "text": str(row)} for row in found], safe=False)


def _added_value(request: Request, model: Any, *, may_add: bool) -> JsonResponse:
    if not may_add:
        raise PermissionDenied
    try:
        value = actions.add_value(model, request.POST.get("name", ""), by=request.user)
    except RuleBroken as broken:
        return JsonResponse({"message": str(broken)}, status=409)
    return JsonResponse({"value": value.pk, "text": str(value)})


# What somebody uploaded opens in a page of its own, which may run nothing, load nothing and stand in no frame.
ALONE = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


def send_file(content: IO[bytes], name: str, media_type: str, *, show: bool = False) -> FileResponse:
    """What somebody uploaded, for saving under its name; shown by the browser only where the caller knows that the type can do no harm.

    Text and HTML are sent as bytes of no kind, so that no browser ever reads them as a page of ours.
    """
    kind = "application/octet-stream" if media_type.startswith("text/") else media_type
    answer = FileResponse(content, as_attachment=not show, filename=name, content_type=kind)
    answer["Content-Security-Policy"], answer["X-Content-Type-Options"] = ALONE, "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def health(request: Request) -> HttpResponse:
    """Alive, and the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def forbidden(request: Request, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 403, _("This is not open to your role"), _("Ask an administrator if you need it."))


def not_found(request: Request, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 404, _("There is nothing here"), _("It was deleted, or it is not open to you."))


def server_error(request: Request) -> HttpResponse:
    return _error(
        request,
        500,
        _("That was our fault"),
        _("Nothing was lost. Try again; if it happens again, tell the administrator when it was."),
    )


def csrf_failure(request: Request, reason: str = "") -> HttpResponse:
    return _error(
        request,
        403,
        _("This page was open too long"),
        _("Go back, reload it and send it again: what you typed is still there."),
    )


def _error(request: Request, status: int, title: Any, text: Any) -> HttpResponse:
    return render(request, "core/error.html", {"title": title, "text": text, "status": status}, status=status)
