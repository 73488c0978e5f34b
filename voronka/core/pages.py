"""The frame of all pages, and three shallow page classes: a list, a card, a form. Later pages only declare."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Count, QuerySet, Sum
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views import View

from voronka.core import actions, exports
from voronka.core.audit import history_of
from voronka.core.errors import RuleBroken, StaleRecord
from voronka.core.models import Company, SavedView
from voronka.core.registry import panels_for
from voronka.core.tables import Column, Sort, Table, keyset, page_of

if TYPE_CHECKING:
    from django.utils.functional import Promise
    from django_filters import FilterSet
    from django_htmx.middleware import HtmxDetails

    from voronka.accounts.models import User


class Request(HttpRequest):
    """A request of somebody signed in, as every view behind the sign-in gets it; for types only."""

    user: User
    htmx: HtmxDetails


# What the address of a list may hold besides its filters.
NOT_FILTERS: Final = ("sort", "columns", "after", "part", "export", "view", "page")


@dataclass(frozen=True)
class Entry:
    """One entry of the navigation; `main` entries stay visible at the bottom of a narrow screen."""

    url_name: str
    icon: str
    words: str | Promise
    permission: str = ""
    main: bool = True


HOME: Final = "analytics:home"
NAVIGATION: Final = (
    Entry(HOME, "home", _("My day")),
    Entry("partners:list", "partners", _("Partners")),
    Entry("opportunities:board", "board", _("Opportunities")),
    Entry("activities:list", "activities", _("Activities")),
    Entry("analytics:index", "reports", _("Analytics"), "analytics.view"),
    Entry("imports:list", "import", pgettext_lazy("navigation", "Import"), "imports.run", main=False),
    Entry("accounts:settings", "settings", _("Settings"), main=False),
)


def frame(request: Request) -> dict[str, Any]:
    """What every page's frame needs: the company (one statement), the navigation, the theme."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or request.headers.get("HX-Request"):
        return {"language": get_language()}
    entries = [
        (entry, reverse(entry.url_name), _is_here(entry, request))
        for entry in NAVIGATION
        if not entry.permission or user.has_perm(entry.permission)
    ]
    return {
        "company": Company.current(),
        "navigation": entries,
        "search_panels": panels_for("search"),
        "language": get_language(),
    }


def _is_here(entry: Entry, request: Request) -> bool:
    """Whether the page belongs to the entry: the same app, the home page only itself."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    if HOME in (entry.url_name, name):
        return entry.url_name == name
    return name.split(":")[0] == entry.url_name.split(":")[0]


@dataclass(frozen=True)
class Bulk:
    """An act on the selected rows: the page has a method `bulk_<slug>(rows)` that returns the toast's words."""

    slug: str
    words: str | Promise
    picker: str = ""
    permission: str = ""
    danger: bool = False


class ListPage(View):
    """A list: filters, sort, chosen columns, saved views, totals, bulk actions, export. Rows come through access.

    GET answers the page; `?part=rows` the next rows, `?part=totals` the sums over all rows, `?part=filters` the filter form,
    `?export=csv|xlsx` a file. POST runs a bulk act on `ids`.
    """

    request: Request
    model: ClassVar[Any]
    table: ClassVar[Table]
    filters: ClassVar[type[FilterSet]]
    title: ClassVar[Any]
    empty: ClassVar[Any] = _("Nothing here yet.")
    create: ClassVar[tuple[str, Any] | None] = None
    bulk: ClassVar[Sequence[Bulk]] = ()
    template = "core/list.html"
    # A template that extends the list's does not know the parts of it by name.
    parts: ClassVar[str] = "core/list.html"

    def rows(self) -> QuerySet[Any]:
        """All rows this person may see, before filters."""
        return self.model.objects.visible_to(self.request.user)

    def filtered(self, query: QueryDict | None = None) -> FilterSet:
        return self.filters(
            query if query is not None else self.request.GET, queryset=self.rows(), request=self.request
        )

    def get(self, request: Request) -> HttpResponseBase:
        if "view" not in request.GET and not request.GET and (default := self._default_view()):
            return redirect(f"{request.path}?{default.query}&view={default.pk}")
        match request.GET.get("export") or request.GET.get("part"):
            case "csv" | "xlsx" as kind:
                return self.export(kind)
            case "totals":
                return render(request, f"{self.parts}#totals", {"totals": self.totals()})
            case "filters" if request.htmx:
                return render(request, f"{self.parts}#filters", {"filter": self.filtered()})
            case part:
                return self.page("rows" if part == "rows" else "")

    def page(self, part: str) -> HttpResponse:
        request = self.request
        columns, sort = (
            self.table.chosen(request.GET.get("columns", "")),
            self.table.sort_of(request.GET.get("sort", "")),
        )
        filters = self.filtered()
        found = self.table.values(filters.qs, columns, sort.field)
        try:
            page = page_of(keyset(found, sort, request.GET.get("after", "")), sort)
        except RuleBroken as broken:
            messages.warning(request, str(broken))
            return redirect(request.path)
        context = {
            "page": self, "columns": columns, "sort": sort, "filter": filters, "next": page.next,
            "rows": self.table.cells(page.rows, columns), "query": self.query("after", "part"),
        }  # fmt: skip
        if part:
            return render(request, f"{self.parts}#{part}", context)
        return render(request, self.template, context | self.around(filters, sort, columns))

    def around(self, filters: FilterSet, sort: Sort, columns: list[Column]) -> dict[str, Any]:
        """What stands around the rows: title, active filters, saved views, headers with their sort links."""
        user, path = self.request.user, self.request.path
        return {
            "title": self.title, "chips": list(self.chips(filters)), "views": self.views(),
            "headers": [(column, self.sort_link(column, sort)) for column in columns],
            "may_export": user.has_perm("core.export"), "may_share": user.has_perm("core.share_views"),
            "bulk": [act for act in self.bulk if not act.permission or user.has_perm(act.permission)],
            "view_query": self.query("after", "part", "view"), "filter_query": self.query(*NOT_FILTERS), "path": path,
            "current_view": self.request.GET.get("view", ""), "open_filters": self.request.GET.get("part") == "filters", "create": self.create,
        }  # fmt: skip

    def chips(self, filters: FilterSet) -> Iterator[tuple[str, str, str]]:
        """Active filters as (label, value in words, address without it)."""
        if not filters.form.is_bound or not filters.form.is_valid():
            return
        for name, value in filters.form.cleaned_data.items():
            if value in (None, "", [], False) or (isinstance(value, QuerySet) and not value):
                continue
            field = filters.form.fields[name]
            if name == "q":
                continue
            yield (
                str(field.label),
                _in_words(field, value),
                f"{self.request.path}?{self.query(*_names(name), 'after', 'part', 'view')}",
            )

    def sort_link(self, column: Column, sort: Sort) -> tuple[str, str]:
        """Where a click on the header leads, and the direction shown now ("asc", "desc" or "")."""
        if not column.sort:
            return "", ""
        now = sort.key == column.key
        turned = column.key if now and sort.descending else f"-{column.key}" if now or column.is_number else column.key
        query = self.query("after", "part", "sort")
        return f"?{query}{'&' if query else ''}sort={turned}", ("desc" if sort.descending else "asc") if now else ""

    def query(self, *without: str) -> str:
        """The address's query string without some of its parts."""
        query = self.request.GET.copy()
        for name in without:
            query.pop(name, None)
        return query.urlencode()

    def totals(self) -> dict[str, Any]:
        """The exact count and sums over all filtered rows, in one statement."""
        sums = {column.key: Sum(column.source) for column in self.table.columns if column.total}
        found = self.filtered().qs.order_by().aggregate(count=Count("pk"), **sums)
        named = [(self.table.by_key[key], value or Decimal(0)) for key, value in found.items() if key != "count"]
        return {"count": found["count"], "sums": named, "currency": Company.current().currency}

    def views(self) -> list[SavedView]:
        shared = SavedView.objects.filter(page=self.view_name, is_shared=True)
        return list(
            shared.union(SavedView.objects.filter(page=self.view_name, user=self.request.user)).order_by("name")
        )

    @property
    def view_name(self) -> str:
        match = self.request.resolver_match
        return match.view_name if match else ""

    def _default_view(self) -> SavedView | None:
        return SavedView.objects.filter(page=self.view_name, user=self.request.user, is_default=True).first()

    def export(self, kind: str) -> HttpResponseBase:
        """All filtered rows with the chosen columns, as a file."""
        if not self.request.user.has_perm("core.export"):
            raise PermissionDenied
        columns, sort = (
            self.table.chosen(self.request.GET.get("columns", "")),
            self.table.sort_of(self.request.GET.get("sort", "")),
        )
        rows = self.table.values(self.filtered().qs, columns).order_by(*sort.order)
        if ids := self.request.GET.getlist("ids"):
            rows = rows.filter(pk__in=[key for key in ids if key.isdigit()])
        lines = ([column.plain(row) for column in columns] for row in rows.iterator(2000))
        return exports.as_file(kind, self.view_name.replace(":", "-"), [str(column.label) for column in columns], lines)

    def post(self, request: Request) -> HttpResponse:
        """Run a bulk act on the selected rows this person may change."""
        act = next((act for act in self.bulk if act.slug == request.POST.get("act")), None)
        if act is None or (act.permission and not request.user.has_perm(act.permission)):
            raise PermissionDenied
        keys = [int(key) for key in request.POST.getlist("ids") if key.isdigit()]
        rows = self.model.objects.editable_by(request.user).filter(pk__in=keys)
        try:
            messages.success(request, getattr(self, f"bulk_{act.slug}")(rows))
        except RuleBroken as broken:
            messages.error(request, str(broken))
        return redirect(f"{request.path}?{request.POST.get('back', '')}")


class DetailPage(View):
    """A card: the record through access, with its panels and history."""

    request: Request
    model: ClassVar[Any]
    place: ClassVar[str] = ""
    template: ClassVar[str]

    def get(self, request: Request, pk: int) -> HttpResponse:
        self.object = get_object_or_404(self.rows(), pk=pk)
        if request.GET.get("part") == "history":
            return render(request, "core/history.html", {"entries": history_of(self.object)})
        context = {"object": self.object, "panels": panels_for(self.place), "may_edit": self.may_edit()}
        return render(request, self.template, context | self.context())

    def rows(self) -> QuerySet[Any]:
        return self.model.objects.visible_to(self.request.user).for_list()

    def may_edit(self) -> bool:
        return self.model.objects.editable_by(self.request.user).filter(pk=self.object.pk).exists()

    def context(self) -> dict[str, Any]:
        return {}


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
        except StaleRecord as stale:
            form.add_error(None, f"{stale} {self.who_changed()}".strip())
            return self.show(form, status=409)
        except RuleBroken as broken:
            form.add_error(broken.field if broken.field in form.fields else None, str(broken))
            return self.show(form, status=422)
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
        text = self.request.POST.get("version", "")
        return int(text) if text.isdigit() and len(text) < 10 else None

    def who_changed(self) -> str:
        """Who changed the record meanwhile, for the message of a stale page."""
        entries = history_of(self.model.objects.get(pk=self.object.pk), limit=1) if self.object else []
        if not entries or entries[0].by is None:
            return ""
        labels = ", ".join(change.label for change in entries[0].changes)
        return str(
            _("%(person)s changed: %(fields)s. Your input is kept below; open the record anew to see theirs.")
        ) % {"person": entries[0].by, "fields": labels}

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


def _names(name: str) -> tuple[str, ...]:
    """A filter's own name and those of a range's two inputs."""
    return (name, f"{name}_min", f"{name}_max", f"{name}_after", f"{name}_before")


def _in_words(field: Any, value: Any) -> str:
    if isinstance(value, QuerySet | list | tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, slice):
        return " – ".join(
            str(end.date() if hasattr(end, "date") else end) if end is not None else "…"
            for end in (value.start, value.stop)
        )
    choices = dict(getattr(field, "choices", ())) if isinstance(value, str) else {}
    return str(choices.get(value, value))


def lookup_page(request: Request, model: Any, title: Any) -> HttpResponse:
    """The page of one of the company's lists; each row is a small form, the last one adds."""
    if request.method == "POST":
        try:
            _change_value(request, model)
        except RuleBroken as broken:
            messages.error(request, str(broken))
        return redirect(request.path)
    return render(request, "core/lookup.html", {"title": title, "values": model.objects.all()})


def _change_value(request: Request, model: Any) -> None:
    wanted = request.POST
    key, position = wanted.get("pk", ""), wanted.get("position", "")
    if not key:
        actions.add_value(model, wanted.get("name", ""), by=request.user)
        return
    value = get_object_or_404(model.objects.editable_by(request.user), pk=int(key) if key.isdigit() else 0)
    actions.change_value(
        value,
        name=wanted.get("name", ""),
        position=int(position) if position.isdigit() and len(position) < 6 else 100,
        is_active="is_active" in wanted,
        by=request.user,
    )


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
