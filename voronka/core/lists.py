"""A list page: filters, sort, chosen columns, saved views, totals, bulk acts, export. Later pages only declare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views import View

from voronka.core import custom, exports
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.models import Company, Customised, SavedView
from voronka.core.pages import number_of, undoable
from voronka.core.prepared import Prepared, Slot
from voronka.core.registry import panels_for
from voronka.core.tables import Column, CustomColumn, Sort, Table, keyset, page_of, with_custom

if TYPE_CHECKING:
    from django.utils.functional import Promise
    from django_filters import FilterSet

# What the address of a list may hold besides its filters.
NOT_FILTERS: Final = ("sort", "columns", "after", "part", "export", "view", "page", "whole")
# Rows are counted up to here; further only when sums are wanted anyway, or by a click.
COUNTED: Final = 10_000


@dataclass(frozen=True)
class Bulk:
    """An act on the selected rows: the page has a method `bulk_<slug>(rows)` that returns the toast's words, `Undoable` if it can be taken back."""

    slug: str
    words: str | Promise
    picker: str = ""
    permission: str = ""
    danger: bool = False


class Undoable(NamedTuple):
    """What was done, and the address that takes it back when posted to."""

    words: str
    address: str


_VIEWS = Prepared(
    lambda: SavedView.objects.filter(Q(is_shared=True) | Q(user=Slot("user")), page=Slot("page")).order_by("name")
)
_DEFAULT_VIEW = Prepared(lambda: SavedView.objects.filter(page=Slot("page"), user=Slot("user"), is_default=True)[:1])


@lru_cache(maxsize=512)
def _column_choices(table: Table, shown: tuple[str, ...], language: str) -> SafeString:
    """The boxes of all columns: those shown first, in their order, then the others."""
    choices = [(table.by_key[key], True) for key in shown]
    choices += [(column, False) for column in table.columns if column.key not in shown]
    return render_to_string("core/components/column_choices.html", {"choices": choices})


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

    def start(self) -> str:
        """What an address that says nothing asks for; each part of it can be taken away like any other filter."""
        return ""

    def rows(self) -> QuerySet[Any]:
        """All rows this person may see, before filters."""
        return self.model.objects.visible_to(self.request.user)

    @cached_property
    def known(self) -> Table:
        """The table with the fields the company added."""
        fields = custom.lately(self.model) if issubclass(self.model, Customised) else ()
        return with_custom(self.table, fields)

    def with_links(self, rows: QuerySet[Any], columns: Sequence[Column]) -> QuerySet[Any]:
        """The rows with the names of the partners their custom fields link to, as far as this person may see them."""
        linked = [column for column in columns if isinstance(column, CustomColumn) and column.is_link]
        partners: Any = apps.get_model(custom.LINKED)
        for column in linked:
            key = Cast(KeyTextTransform(column.field.key, OuterRef("custom")), BigIntegerField())
            name = partners.objects.visible_to(self.request.user).filter(pk=key).values("name")
            rows = rows.annotate(**{column.source: Subquery(name)})
        return rows

    def filtered(self, query: QueryDict | None = None) -> FilterSet:
        return self.filters(
            query if query is not None else self.request.GET, queryset=self.rows(), request=self.request
        )

    def get(self, request: Request) -> HttpResponseBase:
        if "view" not in request.GET and not request.GET and (default := self._default_view()):
            return redirect(f"{request.path}?{default.query}&view={default.pk}")
        if not request.GET:
            request.GET = QueryDict(self.start())
        match request.GET.get("export") or request.GET.get("part"):
            case "csv" | "xlsx" as kind:
                return self.export(kind)
            case "totals":
                return render(
                    request, f"{self.parts}#totals", {"totals": self.totals(), "filter_query": self.query(*NOT_FILTERS)}
                )
            case "filters" if request.htmx:
                return render(request, f"{self.parts}#filters", {"filter": self.filtered()})
            case part:
                return self.page("rows" if part == "rows" else "")

    def page(self, part: str) -> HttpResponse:
        request = self.request
        columns, sort = (
            self.known.chosen(request.GET.get("columns", "")),
            self.known.sort_of(request.GET.get("sort", "")),
        )
        filters = self.filtered()
        found = self.known.values(sort.prepared(self.with_links(filters.qs, columns)), columns, sort.field)
        try:
            page = page_of(keyset(found, sort, request.GET.get("after", "")), sort)
        except RuleBroken as broken:
            messages.warning(request, str(broken))
            return redirect(request.path)
        context = {
            "page": self, "columns": columns, "sort": sort, "filter": filters, "next": page.next,
            "rows": self.known.html(page.rows, columns), "query": self.query("after", "part"),
        }  # fmt: skip
        if part:
            return render(request, f"{self.parts}#{part}", context)
        return render(request, self.template, context | self.around(filters, sort, columns))

    def around(self, filters: FilterSet, sort: Sort, columns: list[Column]) -> dict[str, Any]:
        """What stands around the rows: title, active filters, saved views, headers with their sort links."""
        user, path = self.request.user, self.request.path
        return {
            "title": self.title, "chips": list(self.chips(filters)), "views": self.views(),
            "column_choices": _column_choices(self.known, tuple(c.key for c in columns), get_language() or ""),
            "column_keys": ",".join(c.key for c in columns), "headers": [(column, self.sort_link(column, sort)) for column in columns],
            "may_export": user.has_perm("core.export"), "may_share": user.has_perm("core.share_views"),
            "bulk": [act for act in self.bulk if not act.permission or user.has_perm(act.permission)],
            "panels": panels_for(f"list:{self.view_name}"), "view_query": self.query("after", "part", "view"), "filter_query": self.query(*NOT_FILTERS), "path": path,
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
        """The exact count and sums over all filtered rows, in one statement. Where nothing is summed the count ends behind COUNTED unless the
        whole is asked for.
        """
        sums = {f"sum_{column.key}": Sum(column.summed) for column in self.table.columns if column.summed}
        rows = self.filtered().qs.order_by()
        if not sums and "whole" not in self.request.GET:
            count = rows.values("pk")[: COUNTED + 1].count()
            return {"count": min(count, COUNTED), "is_more": count > COUNTED, "sums": []}
        found = rows.aggregate(count=Count("pk"), **sums)
        named = [
            (self.table.by_key[key.removeprefix("sum_")], value or Decimal(0))
            for key, value in found.items()
            if key != "count"
        ]
        return {"count": found["count"], "sums": named, "currency": Company.current().currency}

    def selected(self, keys: list[int]) -> QuerySet[Any]:
        """The rows a bulk act is about: of those selected the ones this person may change."""
        return self.model.objects.editable_by(self.request.user).filter(pk__in=keys)

    def views(self) -> list[SavedView]:
        return _VIEWS(page=self.view_name, user=self.request.user.pk)

    @property
    def view_name(self) -> str:
        match = self.request.resolver_match
        return match.view_name if match else ""

    def _default_view(self) -> SavedView | None:
        found = _DEFAULT_VIEW(page=self.view_name, user=self.request.user.pk)
        return found[0] if found else None

    def export(self, kind: str) -> HttpResponseBase:
        """All filtered rows with the chosen columns, as a file."""
        if not self.request.user.has_perm("core.export"):
            raise PermissionDenied
        columns, sort = (
            self.known.chosen(self.request.GET.get("columns", "")),
            self.known.sort_of(self.request.GET.get("sort", "")),
        )
        found = sort.prepared(self.with_links(self.filtered().qs, columns))
        rows = self.known.values(found, columns, sort.field).order_by(*sort.order)
        if ids := self.request.GET.getlist("ids"):
            rows = rows.filter(pk__in=[number_of(key) for key in ids])
        lines = ([column.plain(row) for column in columns] for row in rows.iterator(2000))
        return exports.as_file(kind, self.view_name.replace(":", "-"), [str(column.label) for column in columns], lines)

    def post(self, request: Request) -> HttpResponse:
        """Run a bulk act on the selected rows this person may change."""
        act = next((act for act in self.bulk if act.slug == request.POST.get("act")), None)
        if act is None or (act.permission and not request.user.has_perm(act.permission)):
            raise PermissionDenied
        keys = [key for text in request.POST.getlist("ids") if (key := number_of(text))]
        try:
            said = getattr(self, f"bulk_{act.slug}")(self.selected(keys))
            undoable(request, *said) if isinstance(said, Undoable) else messages.success(request, said)
        except RuleBroken as broken:
            messages.error(request, str(broken))
        return redirect(f"{request.path}?{request.POST.get('back', '')}")


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
