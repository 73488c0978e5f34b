"""Taking a run back: what it made is removed, what it overwrote is restored, what people changed since is kept and listed.

Everything is SQL over the whole run, model by model, those first that others do not lean on. What a record looked like when the run had
made or changed it is its next pre-image in the audit, or the record itself if nothing happened since.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pgtrigger
from django.apps import apps
from django.db import connection, models
from pghistory.models import Event
from psycopg import sql

from voronka.imports.models import ImportedRecords, ImportRun
from voronka.imports.pace import Pace

# Not what somebody wrote: a record that differs only in these was not edited.
BOOKKEEPING: Final = {"version", "created_at", "updated_at", "created_by", "deleted_at", "deleted_by", "answered_at"}
# Rows that are part of another record: they go when it goes.
PARTS: Final = {
    "opportunities.opportunitystate": ("opportunity",), "partners.duplicatepair": ("first", "second"),
}  # fmt: skip
# Models without pre-images: a row for which this holds was taken into use, and stays.
IN_USE: Final = {"accounts.user": "is_active"}
STATE: Final = "opportunities.opportunitystate"
# The column whose keys are fields of their own.
CUSTOM: Final = "custom"
OPPORTUNITY: Final = "opportunities.opportunity"


@dataclass
class Outcome:
    """How many records of the run's own kind were removed and restored, and how many conflicts were listed."""

    removed: int = 0
    restored: int = 0


def take_back(run: ImportRun, model_of_kind: str, *, pace: Pace) -> Outcome:
    """Undo a run inside the caller's transaction. Counts are of the model the kind is about; conflicts stand in ImportConflict."""
    outcome = Outcome()
    run.conflicts.all().delete()
    _lift_history(run, outcome if model_of_kind == STATE else Outcome())
    _wind_back(run)
    labels = _children_first({row.model for row in run.records.all()} - {STATE})
    for place, label in enumerate(labels):
        pace.say(place / len(labels))
        model = apps.get_model(label)
        restored = _restore(run, model) if _has_history(model) else 0
        removed = _remove(run, model)
        if label == model_of_kind:
            outcome.removed, outcome.restored = outcome.removed + removed, outcome.restored + restored
    ImportedRecords.objects.filter(run=run).delete()
    return outcome


def _wind_back(run: ImportRun) -> None:
    """Take back the states the run added to opportunities that were there before: the one that held until then goes on. An opportunity that was
    changed since keeps all of it, and is listed: its states tile time.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ADDED, {"run": run.pk, "state": STATE})
        for statement in (_MOVED_ON, _STILL_UPDATED, _GONE_STATES, _GO_ON):
            cursor.execute(statement, {"run": run.pk, "opportunity": OPPORTUNITY})
        cursor.execute("DROP TABLE imports_added")


def _lift_history(run: ImportRun, outcome: Outcome) -> None:
    """Put the one state back that an opportunity had before the run told which ones it went through. An opportunity whose states went on since keeps
    them, and is listed.
    """
    values: dict[str, int | str] = {"run": run.pk, "state": STATE, "opportunity": OPPORTUNITY}
    with connection.cursor() as cursor:
        cursor.execute(_LAID, values)
        for statement in (_LAID_MOVED_ON, _STAYS_LAID):
            cursor.execute(statement, values)
        cursor.execute(_LIFTED, values)
        outcome.removed += cursor.rowcount
        cursor.execute(_AS_BEFORE, values)
        outcome.restored += cursor.rowcount
        cursor.execute("DELETE FROM imports_importedstate WHERE run_id = %(run)s", values)
        cursor.execute("DROP TABLE imports_laid")


def _children_first(labels: set[str]) -> list[str]:
    """The models in an order in which nothing leans on a later one."""
    left, order = set(labels), []
    while left:
        ready = sorted(
            label
            for label in left
            if not any(other._meta.label_lower in left - {label} for other, _column in _leaning(apps.get_model(label)))
        )
        order += ready or sorted(left)
        left -= set(order)
    return order


def _leaning(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """(model, column) of every foreign key to the model, many-to-many tables included; the audit's and unconstrained keys are none."""
    for other in apps.get_models(include_auto_created=True):
        if issubclass(other, Event) or other._meta.app_label == "pghistory":
            continue
        for field in other._meta.concrete_fields:
            leans = isinstance(field, models.ForeignKey) and field.related_model is model and field.db_constraint  # type: ignore[attr-defined]
            if leans:
                yield other, str(field.column)


def _has_history(model: type[models.Model]) -> bool:
    try:
        apps.get_model(model._meta.app_label, f"{model.__name__}Event")
    except LookupError:
        return False
    return True


def _columns(model: type[models.Model], *, but: set[str]) -> list[str]:
    return [
        str(field.column)
        for field in model._meta.concrete_fields
        if not field.primary_key and field.name not in but and not isinstance(field, models.GeneratedField)
    ]


class _Tables:
    """Names of a model's table and of its pre-images, quoted, and the values all statements share."""

    def __init__(self, run: ImportRun, model: type[models.Model], action: str) -> None:
        self.label = model._meta.label_lower
        self.names = {"t": sql.Identifier(model._meta.db_table), "e": sql.Identifier(f"{model._meta.db_table}event")}
        self.values = {"run": run.pk, "model": self.label, "action": action, "context": run.context}

    def execute(self, cursor: Any, statement: str, **parts: sql.Composable) -> int:
        # As text: the audit looks at the statement before it hands it on.
        cursor.execute(sql.SQL(statement).format(**self.names, **parts).as_string(), self.values)
        return int(cursor.rowcount)


def _remove(run: ImportRun, model: type[models.Model]) -> int:
    """Delete the records the run made, except those edited, used by others or taken into use; returns how many."""
    tables = _Tables(run, model, "created")
    with connection.cursor() as cursor:
        if not tables.execute(cursor, _MADE):
            cursor.execute("DROP TABLE imports_undo")
            return 0
        tables.execute(cursor, "ANALYZE imports_undo")
        tables.execute(cursor, _LOCKED)
        if _has_history(model):
            tables.execute(cursor, _EDITED, differ=_differ(_columns(model, but=BOOKKEEPING), "was", "now"))
        if in_use := IN_USE.get(tables.label):
            tables.execute(cursor, _TAKEN, column=sql.Identifier(in_use))
        _keep_used(cursor, tables, model)
        tables.execute(cursor, _KEPT, title=_title(model))
        for part, column in ((part, column) for part, columns in PARTS.items() for column in columns):
            owner = apps.get_model(part)._meta.get_field(column)
            if owner.related_model is model:
                table = sql.Identifier(apps.get_model(part)._meta.db_table)
                tables.execute(cursor, _PART, part=table, column=sql.Identifier(f"{column}_id"))
        # Nobody touched these since the run made them: there is no history to keep, and a pre-image of each would double the work.
        _hush(cursor, model)
        with _asked_already(cursor, model):
            removed = tables.execute(cursor, _GONE)
        _hush(cursor)
        cursor.execute("DROP TABLE imports_undo")
    return removed


def _keep_used(cursor: Any, tables: _Tables, model: type[models.Model]) -> None:
    """Mark the records other rows lean on. Those of the model itself come last, again and again: whoever stays keeps what it leans on."""
    leaning = [(other, column) for other, column in _leaning(model) if other._meta.label_lower not in PARTS]
    for other, column in leaning:
        if other is not model:
            tables.execute(cursor, _USED, own=sql.SQL(""), **_naming(other, column))
    own = sql.SQL("AND NOT EXISTS (SELECT FROM imports_undo also WHERE also.id = o.id AND also.why = '')")
    of_its_own = [column for other, column in leaning if other is model]
    while sum(tables.execute(cursor, _USED, own=own, **_naming(model, column)) for column in of_its_own):
        pass


def _naming(other: type[models.Model], column: str) -> dict[str, sql.Composable]:
    return {"other": sql.Identifier(other._meta.db_table), "column": sql.Identifier(column)}


@contextmanager
def _asked_already(cursor: Any, model: type[models.Model]) -> Iterator[None]:
    """Let the database delete without asking of every row, foreign key by foreign key, whether something leans on it: that took 95 % of an undo.

    All of it was asked at once, of rows locked since. Only where every foreign key to the table is among those asked, nothing but the silent audit
    listens to deletions, and the role may (docs/decisions/0007).
    """
    names = {
        "table": model._meta.db_table,
        "asked": [f"{other._meta.db_table}.{column}" for other, column in _leaning(model)],
        "silent": _audits_of_deletion(model),
    }
    cursor.execute(_MAY_GO_UNASKED, names)
    is_allowed = cursor.fetchone()[0]
    if is_allowed:
        cursor.execute("SELECT set_config('session_replication_role', 'replica', true)")
    yield
    if is_allowed:
        cursor.execute("SELECT set_config('session_replication_role', 'origin', true)")


def _audits_of_deletion(model: type[models.Model]) -> list[str]:
    if not _has_history(model):
        return []
    return [trigger.get_pgid(one) for one, trigger in pgtrigger.registered(f"{model._meta.label}:delete_delete")]


def _hush(cursor: Any, *models: type[models.Model]) -> None:
    """Let the audit pass over deletions of these models until it is called again or the transaction ends."""
    triggers = [name for model in models for name in _audits_of_deletion(model)]
    cursor.execute("SELECT set_config('pgtrigger.ignore', %(names)s, true)", {"names": f"{{{','.join(triggers)}}}"})


def _restore(run: ImportRun, model: type[models.Model]) -> int:
    """Give the fields the run changed their old values back, except those changed since, which are listed; returns how many records."""
    tables, columns = _Tables(run, model, "updated"), _columns(model, but=BOOKKEEPING)
    with connection.cursor() as cursor:
        if not tables.execute(cursor, _CHANGED):
            cursor.execute("DROP TABLE imports_undo")
            return 0
        for column in columns:
            clash = _CLASH_CUSTOM if column == CUSTOM else _CLASH
            tables.execute(cursor, clash, title=_title(model), name=sql.Literal(column), column=sql.Identifier(column))
        backs = [(column, _BACK_CUSTOM if column == CUSTOM else _BACK) for column in columns]
        sets: list[sql.Composable] = [sql.SQL(back).format(column=sql.Identifier(column)) for column, back in backs]
        if _is_versioned(model):
            sets.append(sql.SQL(_NEXT_VERSION))
        restored = tables.execute(cursor, _RESTORE, sets=sql.SQL(", ").join(sets))
        cursor.execute("DROP TABLE imports_undo")
    return restored


def _is_versioned(model: type[models.Model]) -> bool:
    """What hangs on another record and goes with it counts no changes of its own."""
    return any(field.name == "version" for field in model._meta.concrete_fields)


def _differ(columns: list[str], one: str, other: str) -> sql.Composable:
    sides = [sql.SQL(", ").join(sql.Identifier(side, column) for column in columns) for side in (one, other)]
    return sql.SQL("ROW({}) IS DISTINCT FROM ROW({})").format(*sides)


def _title(model: type[models.Model]) -> sql.Composable:
    """How a record is called in the list of conflicts."""
    names = {field.name for field in model._meta.concrete_fields}
    return sql.SQL("left(coalesce(now.{}::text, ''), 200)").format(sql.Identifier("name" if "name" in names else "id"))


_MADE: Final = """
    CREATE TEMP TABLE imports_undo ON COMMIT DROP AS
    SELECT now.id, '' AS why FROM imports_importedrecords r CROSS JOIN LATERAL unnest(r.ids) AS span(ids)
    JOIN {t} now ON now.id >= lower(span.ids) AND now.id < upper(span.ids)
    WHERE r.run_id = %(run)s AND r.model = %(model)s AND r.action = %(action)s
"""
# From here on nobody can change them, or lean on them anew.
_LOCKED: Final = "SELECT FROM {t} now JOIN imports_undo u ON u.id = now.id ORDER BY now.id FOR UPDATE OF now"
_EDITED: Final = """
    UPDATE imports_undo u SET why = 'edited' FROM {t} now,
        LATERAL (SELECT * FROM {e} e WHERE e.pgh_obj_id = now.id ORDER BY e.pgh_id LIMIT 1) was
    WHERE now.id = u.id AND {differ}
"""
_TAKEN: Final = "UPDATE imports_undo u SET why = 'edited' FROM {t} now WHERE now.id = u.id AND now.{column}"
_USED: Final = """
    UPDATE imports_undo u SET why = 'used' WHERE u.why = '' AND EXISTS (SELECT FROM {other} o WHERE o.{column} = u.id {own})
"""
_KEPT: Final = """
    INSERT INTO imports_importconflict (run_id, model, object_id, title, field, before, imported, current, reason)
    SELECT %(run)s, %(model)s, u.id, {title}, '', '', '', '', u.why FROM imports_undo u JOIN {t} now ON now.id = u.id WHERE u.why <> ''
"""
_PART: Final = "DELETE FROM {part} p USING imports_undo u WHERE u.why = '' AND p.{column} = u.id"
_MAY_GO_UNASKED: Final = """
    SELECT has_parameter_privilege('session_replication_role', 'SET') AND NOT EXISTS (
        SELECT FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        WHERE k.confrelid = %(table)s::regclass AND k.contype = 'f' AND c.relname || '.' || a.attname <> ALL(%(asked)s::text[])
    ) AND NOT EXISTS (
        SELECT FROM pg_trigger g WHERE g.tgrelid = %(table)s::regclass AND NOT g.tgisinternal AND g.tgenabled = 'O' AND g.tgtype & 8 <> 0
        AND g.tgname <> ALL(%(silent)s::text[])
    )
"""
_GONE: Final = "DELETE FROM {t} now USING imports_undo u WHERE u.why = '' AND now.id = u.id"
# The record before the run (its pre-image under the run's context) beside what the run made of it (the next pre-image, else today's row).
_CHANGED: Final = """
    CREATE TEMP TABLE imports_undo ON COMMIT DROP AS
    SELECT first.pgh_obj_id AS id, first.was, coalesce(next.pgh_id, 0) AS next_id FROM (
        SELECT DISTINCT ON (e.pgh_obj_id) e.pgh_obj_id, e.pgh_id, e AS was FROM {e} e WHERE e.pgh_context_id = %(context)s AND e.pgh_obj_id IN (
            SELECT now.id FROM imports_importedrecords r CROSS JOIN LATERAL unnest(r.ids) AS span(ids)
            JOIN {t} now ON now.id >= lower(span.ids) AND now.id < upper(span.ids)
            WHERE r.run_id = %(run)s AND r.model = %(model)s AND r.action = %(action)s
        ) ORDER BY e.pgh_obj_id, e.pgh_id
    ) first
    LEFT JOIN LATERAL (
        SELECT pgh_id FROM {e} later WHERE later.pgh_obj_id = first.pgh_obj_id AND later.pgh_id > first.pgh_id
        AND later.pgh_context_id IS DISTINCT FROM %(context)s ORDER BY later.pgh_id LIMIT 1
    ) next ON true
"""
_CLASH: Final = """
    INSERT INTO imports_importconflict (run_id, model, object_id, title, field, before, imported, current, reason)
    SELECT %(run)s, %(model)s, now.id, {title}, {name}, coalesce((u.was).{column}::text, ''), coalesce(made.{column}::text, ''),
        coalesce(now.{column}::text, ''), 'edited'
    FROM imports_undo u JOIN {t} now ON now.id = u.id JOIN {e} made ON made.pgh_id = u.next_id
    WHERE (u.was).{column} IS DISTINCT FROM made.{column} AND now.{column} IS DISTINCT FROM made.{column}
    AND now.{column} IS DISTINCT FROM (u.was).{column}
"""
# The same, key by key: two custom fields of one record have nothing to do with each other.
_CLASH_CUSTOM: Final = """
    INSERT INTO imports_importconflict (run_id, model, object_id, title, field, before, imported, current, reason)
    SELECT %(run)s, %(model)s, now.id, {title}, {name} || '.' || key, coalesce((u.was).{column} ->> key, ''), coalesce(made.{column} ->> key, ''),
        coalesce(now.{column} ->> key, ''), 'edited'
    FROM imports_undo u JOIN {t} now ON now.id = u.id JOIN {e} made ON made.pgh_id = u.next_id
    CROSS JOIN LATERAL jsonb_object_keys((u.was).{column} || made.{column}) AS key
    WHERE (u.was).{column} -> key IS DISTINCT FROM made.{column} -> key AND now.{column} -> key IS DISTINCT FROM made.{column} -> key
    AND now.{column} -> key IS DISTINCT FROM (u.was).{column} -> key
"""
_BACK_CUSTOM: Final = """
    {column} = CASE WHEN u.made IS NULL THEN (u.was).{column} ELSE (
        SELECT coalesce(jsonb_object_agg(key, value) FILTER (WHERE value IS NOT NULL), '{{}}') FROM (
            SELECT key, CASE WHEN now.{column} -> key IS NOT DISTINCT FROM (u.made).{column} -> key THEN (u.was).{column} -> key
                             ELSE now.{column} -> key END AS value
            FROM jsonb_object_keys(now.{column} || (u.was).{column} || (u.made).{column}) AS key
        ) keys
    ) END
"""
_BACK: Final = """
    {column} = CASE WHEN u.made IS NULL OR now.{column} IS NOT DISTINCT FROM (u.made).{column} AND (u.was).{column} IS DISTINCT FROM (u.made).{column}
                    THEN (u.was).{column} ELSE now.{column} END
"""
_NEXT_VERSION: Final = (
    "version = now.version + 1, updated_at = CASE WHEN u.made IS NULL THEN (u.was).updated_at ELSE now() END"
)
_RESTORE: Final = """
    UPDATE {t} now SET {sets}
    FROM (SELECT undo.*, CASE WHEN made.pgh_id IS NOT NULL THEN made END AS made FROM imports_undo undo LEFT JOIN {e} made ON made.pgh_id = undo.next_id) u
    WHERE now.id = u.id
"""
_ADDED: Final = """
    CREATE TEMP TABLE imports_added ON COMMIT DROP AS
    SELECT s.id, s.opportunity_id, s.since, EXISTS (
        SELECT FROM opportunities_opportunitystate later WHERE later.opportunity_id = s.opportunity_id AND later.since > s.since
    ) AS moved_on
    FROM imports_importedrecords r CROSS JOIN LATERAL unnest(r.ids) AS span(ids)
    JOIN opportunities_opportunitystate s ON s.id >= lower(span.ids) AND s.id < upper(span.ids)
    WHERE r.run_id = %(run)s AND r.model = %(state)s AND r.action = 'created'
"""
_MOVED_ON: Final = """
    INSERT INTO imports_importconflict (run_id, model, object_id, title, field, before, imported, current, reason)
    SELECT %(run)s, %(opportunity)s, o.id, left(o.name, 200), '', '', '', '', 'edited'
    FROM imports_added a JOIN opportunities_opportunity o ON o.id = a.opportunity_id WHERE a.moved_on
"""
# What the run updated, without those.
_STILL_UPDATED: Final = """
    UPDATE imports_importedrecords r SET ids = coalesce((
        SELECT array_agg(kept) FROM (
            SELECT unnest((SELECT range_agg(one) FROM unnest(r.ids) one)
                - coalesce((SELECT range_agg(int8range(opportunity_id, opportunity_id + 1)) FROM imports_added WHERE moved_on), '{}')) AS kept
        ) left_over
    ), '{}') WHERE r.run_id = %(run)s AND r.model = %(opportunity)s AND r.action = 'updated'
"""
_GONE_STATES: Final = (
    "DELETE FROM opportunities_opportunitystate s USING imports_added a WHERE a.id = s.id AND NOT a.moved_on"
)
_GO_ON: Final = """
    UPDATE opportunities_opportunitystate s SET until = NULL FROM imports_added a
    WHERE NOT a.moved_on AND s.opportunity_id = a.opportunity_id AND s.until = a.since
"""
# The opportunities whose one state the run replaced, and whether their states went on since: those the run made are noted as "earlier".
_LAID: Final = """
    CREATE TEMP TABLE imports_laid ON COMMIT DROP AS
    SELECT kept.opportunity_id, kept.state_id, EXISTS (
        SELECT FROM opportunities_opportunitystate s WHERE s.opportunity_id = kept.opportunity_id AND s.id > kept.state_id AND s.status = 'open'
        AND NOT EXISTS (SELECT FROM imports_importedrecords r CROSS JOIN LATERAL unnest(r.ids) AS span(ids)
            WHERE r.run_id = %(run)s AND r.model = %(state)s AND r.action = 'earlier' AND s.id <@ span.ids)
    ) OR (kept.before ->> 'until' IS NULL) <> (o.status = 'open') AS moved_on
    FROM imports_importedstate kept JOIN opportunities_opportunity o ON o.id = kept.opportunity_id WHERE kept.run_id = %(run)s
"""
_LAID_MOVED_ON: Final = """
    INSERT INTO imports_importconflict (run_id, model, object_id, title, field, before, imported, current, reason)
    SELECT %(run)s, %(opportunity)s, o.id, left(o.name, 200), '', '', '', '', 'edited'
    FROM imports_laid l JOIN opportunities_opportunity o ON o.id = l.opportunity_id WHERE l.moved_on
"""
_STAYS_LAID: Final = "DELETE FROM imports_laid WHERE moved_on"
_LIFTED: Final = """
    DELETE FROM opportunities_opportunitystate s USING imports_laid l WHERE s.opportunity_id = l.opportunity_id AND s.id <> l.state_id AND EXISTS (
        SELECT FROM imports_importedrecords r CROSS JOIN LATERAL unnest(r.ids) AS span(ids)
        WHERE r.run_id = %(run)s AND r.model = %(state)s AND r.action = 'earlier' AND s.id <@ span.ids)
"""
_AS_BEFORE: Final = """
    UPDATE opportunities_opportunitystate s SET since = was.since, until = was.until, stage_id = was.stage_id, percentage = was.percentage,
        potential = was.potential, potential_company = was.potential_company
    FROM imports_laid l JOIN imports_importedstate kept ON kept.run_id = %(run)s AND kept.state_id = l.state_id
    CROSS JOIN LATERAL jsonb_populate_record(NULL::opportunities_opportunitystate, kept.before) was
    WHERE s.id = l.state_id
"""
