"""Everything the database knows about one person, found from the models and from the tables themselves, so that nothing new is forgotten.

Three circles: what is the person's own (the row, what goes with it by CASCADE, and the pre-images of all that); what hangs on the partner
it belongs to, where a text may call the person by a part of the name; and everything else, where only what names this one person counts:
the full name, an e-mail, a phone, a number of theirs, as far as nobody else has the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.apps import apps
from django.db import connection, models
from pghistory.models import Event

from voronka.accounts.models import User
from voronka.campaigns import rules
from voronka.partners.models import Contact, Partner

Subject = Partner | Contact
Rows = dict[type[models.Model], set[int]]
PERSONS: Final = (Partner.Person.SOLE, Partner.Person.PERSON)
MODELS: Final[dict[str, type[Subject]]] = {"partner": Partner, "contact": Contact}
# Columns of text that say nothing about a person.
PLAIN: Final = {"code", "country", "currency", "token", "pgh_label"}
PHONES: Final = ("phone", "phone2", "mobile")
PARTS: Final = ("first_name", "middle_name", "last_name")
NUMBERS: Final = ("tax_id", "ogrn", "external_id")
# In the rows of other people a word of this person's name is theirs.
OTHERS: Final[dict[type[models.Model], tuple[str, ...]]] = {Partner: ("remarks",), Contact: ("remarks", "position")}
_TEXT_TYPES: Final = {"text", "varchar", "bpchar"}
_COLUMNS: Final = """
    SELECT c.relname, a.attname, t.typname, a.atttypmod - 4,
        (SELECT k.attname FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = i.indkey[0]
         WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attgenerated = '' AND t.typname IN ('text', 'varchar', 'bpchar', 'json', 'jsonb', '_text', '_varchar')
    ORDER BY c.relname, a.attnum
"""


def kind_of(subject: Subject) -> str:
    """ "partner" or "contact"."""
    return "partner" if isinstance(subject, Partner) else "contact"


def is_person(subject: Subject) -> bool:
    """A contact is a person; a partner is one as natural person or sole proprietor."""
    return isinstance(subject, Contact) or subject.legal_status in PERSONS


@dataclass
class Column:
    """A column of text, JSON or a list of texts of one table; `size` is its longest text (negative: any)."""

    name: str
    type: str
    size: int

    @property
    def is_text(self) -> bool:
        return self.type in _TEXT_TYPES


@dataclass
class TextTable:
    """A table with its columns of text and its key ("" where it has none of one column)."""

    name: str
    key: str
    columns: list[Column] = field(default_factory=list)


def text_tables() -> list[TextTable]:
    """Every table of the database that holds any text, asked from the database itself."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        rows = cursor.fetchall()
    found: dict[str, TextTable] = {}
    for table, column, kind, size, key in rows:
        found.setdefault(table, TextTable(table, key or "")).columns.append(Column(column, kind, size))
    return list(found.values())


class Person:
    """One person: what is theirs, what they are called, and where they may be spoken of."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.partner_id: int = subject.partner_id if isinstance(subject, Contact) else subject.pk

    @classmethod
    def of(cls, kind: str, key: int) -> Person:
        """The person by the kind and number an export or erasure keeps; also out of the recycle bin."""
        return cls(MODELS[kind]._base_manager.get(pk=key))

    @cached_property
    def own(self) -> Rows:
        """The person's own rows and what goes with them, pre-images included."""
        start = {self.subject.pk}
        while isinstance(self.subject, Partner) and (
            merged := set(_keys(Partner, merged_into__in=start)) - start
        ):  # partners merged into this one are the same person
            start |= merged
        return with_parts({type(self.subject): start})

    @cached_property
    def circle(self) -> Rows:
        """What hangs on the partner: its deals, activities and their parts, with pre-images; the person's own rows are not repeated."""
        found: Rows = {Partner: {self.partner_id}}
        for model, name in leaning(Partner):
            if model is not Partner:
                found.setdefault(model, set()).update(_keys(model, **{f"{name}__in": [self.partner_id]}))
        found = with_parts(found)
        return {model: keys - self.own.get(model, set()) for model, keys in found.items()}

    @cached_property
    def values(self) -> dict[str, set[str]]:
        """The person's texts of today and of the past by kind: name (with parts put together), part of it, email, phone, number."""
        found: dict[str, set[str]] = {kind: set() for kind in ("name", "part", "email", "phone", "number")}
        for model, keys in self.own.items():
            if base_of(model) not in (Partner, Contact):
                continue
            names = {column.name: kind for column in model._meta.concrete_fields if (kind := _kind(column))}
            for row in model._base_manager.filter(pk__in=keys).values(*names):
                for name, value in row.items():
                    found[names[name]].add((value or "").strip())
                found["name"].add(" ".join(part for name in ("first_name", "last_name") if (part := row.get(name))))
        return {kind: texts - {""} for kind, texts in found.items()}

    @cached_property
    def known_by(self) -> dict[str, set[str]]:
        """Of the values those nobody else has: another partner's or contact's phone, name or e-mail does not name this person."""
        return {kind: texts - self._shared(kind, texts) for kind, texts in self.values.items()}

    @cached_property
    def pattern(self) -> str:
        """A regular expression for PostgreSQL that finds this person in any text."""
        known = self.known_by
        patterns = [rules.name_pattern(text) for text in known["name"]]
        patterns += [rules.phone_pattern(text) for text in known["phone"]]
        patterns += [rules.exact_pattern(text) for text in known["email"] | {n for n in known["number"] if len(n) > 5}]
        return rules.joined(patterns)

    @cached_property
    def words(self) -> str:
        """The same with single words of the name in all their forms, and what others share: for texts about the partner."""
        values = self.values
        patterns = [self.pattern, *(rules.word_pattern(text) for text in values["name"] | values["part"])]
        patterns += [rules.exact_pattern(text) for text in values["email"] - self.known_by["email"]]
        return rules.joined(patterns)

    def _shared(self, kind: str, texts: set[str]) -> set[str]:
        taken: set[str] = set()
        if kind == "part":
            return texts  # many are called Anna
        for model in (Partner, Contact, User):
            others = model._base_manager.exclude(pk__in=self.own.get(model, set()))
            for column in model._meta.concrete_fields:
                if _kind(column) == kind:
                    taken.update(others.filter(**{f"{column.name}__in": texts}).values_list(column.name, flat=True))
        return taken

    def mentions(self) -> Iterator[tuple[TextTable, list[str]]]:
        """Every table of the database with its rows that name this person, each as JSON."""
        for table in text_tables():
            where = " OR ".join(f"{_quoted(one.name)}::text ~* %(pattern)s" for one in table.columns)
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT to_jsonb(t)::text FROM {_quoted(table.name)} t WHERE {where}", {"pattern": self.pattern}
                )
                if found := [row[0] for row in cursor.fetchall()]:
                    yield table, found


def with_parts(rows: Rows) -> Rows:
    """The rows with everything that goes with them (foreign keys with CASCADE, to any depth), and the pre-images of all of it."""
    found: Rows = {}
    left = {model: set(keys) for model, keys in rows.items()}
    while left:
        model, keys = left.popitem()
        keys -= found.get(model, set())
        if not keys:
            continue
        found.setdefault(model, set()).update(keys)
        if (event := event_model(model)) is not None:
            found.setdefault(event, set()).update(_keys(event, pgh_obj_id__in=keys))
        for other, name in leaning(model, parts=True):
            left.setdefault(other, set()).update(_keys(other, **{f"{name}__in": keys}))
            if (event := event_model(other)) is not None:  # of parts that are gone by now
                found.setdefault(event, set()).update(_keys(event, **{f"{name}_id__in": keys}))
    return found


def leaning(model: type[models.Model], *, parts: bool = False) -> Iterator[tuple[type[models.Model], str]]:
    """(model, field) of every foreign key to the model; `parts`: only those that go with it. The audit's own are none."""
    for other in apps.get_models(include_auto_created=True):
        if issubclass(other, Event) or other._meta.app_label == "pghistory":
            continue
        for one in other._meta.concrete_fields:
            leans = isinstance(one, models.ForeignKey) and one.related_model is model
            if leans and (not parts or one.remote_field.on_delete is models.CASCADE):  # type: ignore[union-attr]
                yield other, one.name


def event_model(model: type[models.Model]) -> type[models.Model] | None:
    """The model of the pre-images, for one that keeps them."""
    try:
        return apps.get_model(model._meta.app_label, f"{model.__name__}Event")
    except LookupError:
        return None


def text_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The fields of a model (or of its pre-images) that hold somebody's words: free texts and JSON, not choices, codes and what the
    database makes itself."""
    kinds = (models.CharField, models.TextField, models.JSONField)
    return [
        one
        for one in model._meta.concrete_fields
        if isinstance(one, kinds)
        and not one.choices
        and one.name not in PLAIN
        and not isinstance(one, models.GeneratedField | models.FileField)
    ]


def prose(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Of these the ones where a word of somebody's name may stand for them: not the names and phones of other people."""
    only = OTHERS.get(base_of(model))
    return [one for one in text_fields(model) if only is None or one.name in only]


def base_of(model: type[models.Model]) -> type[models.Model]:
    """The model a model of pre-images tells of, or the model itself."""
    return getattr(model, "pgh_tracked_model", model) if issubclass(model, Event) else model


def _kind(column: models.Field[Any, Any]) -> str:
    if column.name in ("name", "full_name"):
        return "name"
    if column.name in PHONES:
        return "phone"
    if column.name in PARTS:
        return "part"
    return "email" if column.name == "email" else "number" if column.name in NUMBERS else ""


def _keys(model: type[models.Model], **where: Any) -> Iterable[int]:
    return model._base_manager.filter(**where).values_list("pk", flat=True)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name).replace("%", "%%")
