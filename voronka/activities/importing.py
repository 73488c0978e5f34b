"""How files become activities: what was said and done with partners, and what is to be done. See partners/importing.py for the tables."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from voronka.activities.models import Kind, Status
from voronka.core.access import Scope
from voronka.core.models import Company
from voronka.core.registry import import_targets
from voronka.partners.importing import CONTACT, OWNER, PARTNER, Field, Target, noted, prefixed

# A word that begins so says the kind.
KINDS: Final = {
    "call": Kind.CALL, "phone": Kind.CALL, "звон": Kind.CALL, "телефон": Kind.CALL, "встреч": Kind.MEETING, "meet": Kind.MEETING, "demo": Kind.MEETING,
    "визит": Kind.MEETING, "visit": Kind.MEETING, "task": Kind.TASK, "to-do": Kind.TASK, "todo": Kind.TASK, "задач": Kind.TASK, "дело": Kind.TASK,
    "e-mail": Kind.EMAIL, "email": Kind.EMAIL, "mail": Kind.EMAIL, "письм": Kind.EMAIL, "note": Kind.NOTE, "замет": Kind.NOTE, "примеч": Kind.NOTE,
    "campaign": Kind.CAMPAIGN, "рассыл": Kind.CAMPAIGN, "cn_conversation": Kind.CALL, "cn_meeting": Kind.MEETING, "cn_task": Kind.TASK, "cn_note": Kind.NOTE,
    "cn_campaign": Kind.CAMPAIGN,
}  # fmt: skip
DONE_WORDS: Final = {"done", "completed", "complete", "closed", "yes", "true", "1", "y", "held", "tyes", "выполнено", "выполнена", "завершено", "завершена", "закрыта", "закрыто", "да", "состоялась"}  # fmt: skip
OPEN_WORDS: Final = {"open", "planned", "to do", "not started", "in progress", "no", "false", "0", "n", "tno", "запланировано", "запланирована", "открыта", "открыто", "в работе", "нет", "к выполнению"}  # fmt: skip


class ActivityTarget(Target):
    """Activities: told apart by their number in another system, else by partner, kind, words and moment."""

    place = 7
    slug = "activities"
    model = "activities.activity"
    title = _("Activities")
    required = ("text", "title", "happened_at")
    telling: ClassVar = {
        "text": 1,
        "title": 3,
        "happened_at": 4,
        "kind": 1,
        "result": 2,
        "opportunity_id": 1,
        "status": 1,
    }
    fields: ClassVar = {
        "external_id": Field(_("Number in another system"), ("activity id", "interaction id", "id", "номер", "activity"), longest=100),
        "kind": Field(_("Kind"), ("activity type", "interaction type", "type", "channel", "тип", "вид", "тип дела", "тип активности", "вид контакта")),
        "title": Field(_("Title"), ("subject", "topic", "тема", "тема дела", "задача", "название"), longest=200),
        "text": Field(_("Text"), ("note", "notes", "note content", "content", "details", "description", "summary", "comment", "текст", "заметка", "описание", "комментарий", "примечание")),
        "result": Field(_("What came of it"), ("outcome", "result", "итог", "результат")),
        "happened_at": Field(_("When"), ("date", "datetime", "date/time", "activity date", "interaction date", "due date", "timestamp", "дата", "дата и время", "срок", "крайний срок", "когда", "дата контакта"), "moment"),
        "status": Field(_("Status"), ("status", "done", "closed", "статус", "выполнено", "состояние")),
        "location": Field(_("Place"), ("location", "место"), longest=300),
        **OWNER,
        "opportunity_id": Field(_("Opportunity: number in another system"), ("deal id", "opportunity id", "id сделки", "номер сделки"), longest=100),
        "opportunity_name": Field(_("Opportunity: name"), ("deal", "deal name", "opportunity", "opportunity name", "сделка", "название сделки"), longest=200),
        **prefixed(
            PARTNER, "partner_", _("Partner"), name=("company", "company name", "компания", "account name", "account", "организация", "контрагент", "клиент"),
            tax_id=("инн", "inn"), external_id=("account id", "company id", "id компании", "cardcode"),
        ),
        **prefixed(
            CONTACT, "contact_", _("Contact"), name=("contact", "contact name", "контакт", "контактное лицо"), phone=("телефон", "phone"),
            email=("email", "e-mail"),
        ),
    }  # fmt: skip

    def put_own_right(self, values: dict[str, str]) -> str:
        """The kind by its first letters, done or open by a word; a kind we do not have is told in the title."""
        said, status = values.get("kind", ""), values.get("status", "").lower()
        values["kind"] = kind_of(said)
        values["status"] = Status.DONE if status in DONE_WORDS else Status.OPEN if status in OPEN_WORDS else ""
        if values["kind"] == Kind.OTHER and not values.get("title"):
            values["title"] = said[:200]
        is_empty = not any(values.get(name) for name in ("title", "text", "result"))
        return "empty" if is_empty and values["kind"] not in (Kind.CALL, Kind.MEETING, Kind.EMAIL) else ""

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        self.find_partners(run, cursor)
        cursor.execute(self.sql(run, _PARTNER_OF_DEAL))
        scope = by.scope_for("partners.partner", "see")
        values = {
            "everybody": scope == Scope.ALL,
            "people": by.people_within(scope),
            "zone": Company.current().time_zone,
        }
        for statement in (_ABOUT, _JUDGE):
            cursor.execute(self.sql(run, statement), values)

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        super().write(run, by, cursor)
        values = {"by": by.pk, "run": run.pk, "zone": Company.current().time_zone}
        cursor.in_slices(self.sql(run, _INSERT), values, run.total or 0, 20)


def kind_of(said: str) -> str:
    """The kind a word means: a note where none is said, something else where it is none of ours."""
    bare = said.strip().lower()
    found = next((kind for word, kind in KINDS.items() if bare.startswith(word)), None)
    return str(found if found else Kind.OTHER if bare else Kind.NOTE)


# Whose deal it is about, where the row names no partner.
_PARTNER_OF_DEAL: Final = """
    INSERT INTO {t}_partner SELECT DISTINCT ON (s.row_no) s.row_no, o.partner_id, false, false FROM {t} s
    JOIN opportunities_opportunity o ON o.external_id = s.opportunity_id AND o.deleted_at IS NULL
    WHERE s.opportunity_id <> '' AND s.reason IS NULL AND NOT EXISTS (SELECT FROM {t}_partner g WHERE g.row_no = s.row_no) ORDER BY s.row_no, o.id
"""
# The moment of each row, and the deal of its partner it is about.
_ABOUT: Final = """
    CREATE UNLOGGED TABLE {t}_about AS
    SELECT s.row_no, nullif(s.happened_at, '')::timestamp AT TIME ZONE %(zone)s AS moment, nullif(s.happened_at, '')::timestamp AS clock, (
        SELECT min(o.id) FROM opportunities_opportunity o WHERE o.partner_id = g.id AND o.deleted_at IS NULL AND NOT g.is_new
        AND CASE WHEN s.opportunity_id <> '' THEN o.external_id = s.opportunity_id ELSE s.opportunity_name <> '' AND o.name = s.opportunity_name END
    ) AS opportunity_id
    FROM {t} s LEFT JOIN {t}_partner g USING (row_no) WHERE s.reason IS NULL
"""
_JUDGE: Final = """
    CREATE UNLOGGED TABLE {t}_main AS
    SELECT row_no, known AS target_id, reason, CASE WHEN reason IS NULL THEN 'created' WHEN reason IN ('exists', 'twice') THEN 'skipped' ELSE 'refused' END AS action
    FROM (
        SELECT s.row_no, same.id AS known, CASE
            WHEN s.reason IS NOT NULL THEN s.reason
            WHEN g.id IS NULL THEN 'no_partner'
            WHEN same.id IS NOT NULL THEN 'exists'
            WHEN row_number() OVER (
                PARTITION BY s.reason IS NULL, g.id, s.external_id, CASE WHEN s.external_id = '' THEN ROW(s.kind, s.title, s.text, s.result, s.happened_at) END
                ORDER BY s.row_no) > 1 THEN 'twice'
            WHEN NOT (%(everybody)s OR g.is_new OR p.owner_id = ANY(%(people)s::bigint[])) THEN 'not_yours' END AS reason
        FROM {t} s LEFT JOIN {t}_partner g USING (row_no) LEFT JOIN {t}_about a USING (row_no) LEFT JOIN partners_partner p ON p.id = g.id AND NOT g.is_new
        LEFT JOIN LATERAL (
            SELECT x.id FROM activities_activity x WHERE NOT g.is_new AND x.partner_id = g.id AND x.deleted_at IS NULL
            AND CASE WHEN s.external_id <> '' THEN x.external_id = s.external_id
                ELSE x.kind = s.kind AND x.title = s.title AND x.text = s.text AND x.result = s.result
                    AND (a.moment IS NULL OR a.moment IN (x.happened_at, x.starts_at) OR x.due_on = a.clock::date) END
            ORDER BY x.id LIMIT 1
        ) same ON true
    ) judged
"""
# What lies ahead is to be done, unless the file says otherwise; a day without a time is due when it is over.
_INSERT: Final = """
    WITH told AS (
        SELECT s.*, g.id AS partner_id, c.id AS contact_id, a.opportunity_id AS deal_id, coalesce(o.id, %(by)s) AS doer_id, a.moment, a.clock,
            CASE WHEN s.kind = 'note' THEN 'done' WHEN s.status <> '' THEN s.status WHEN a.moment > now() THEN 'open' ELSE 'done' END AS stands,
            a.clock::time <> '00:00' AS is_timed
        FROM {t} s JOIN {t}_main m USING (row_no) JOIN {t}_partner g USING (row_no) JOIN {t}_about a USING (row_no) LEFT JOIN {t}_contact c USING (row_no)
        LEFT JOIN {t}_people o ON s.owner_name <> '' AND o.name = lower(s.owner_name)
        WHERE m.action = 'created' AND s.row_no BETWEEN %(from_row)s AND %(to_row)s
    ), made AS (
        INSERT INTO activities_activity (created_at, updated_at, created_by_id, version, owner_id, kind, partner_id, contact_id, opportunity_id, title, text,
            result, happened_at, starts_at, ends_at, due_on, all_day, location, phone, priority, direction, status, closed_at, is_private, is_tentative,
            external_id)
        SELECT now(), now(), %(by)s, 1, doer_id, kind, partner_id, contact_id, deal_id, title, text, result,
            CASE WHEN stands = 'open' AND NOT is_timed THEN (clock::date + time '23:59:59') AT TIME ZONE %(zone)s ELSE coalesce(moment, now()) END,
            CASE WHEN stands = 'open' AND is_timed THEN moment END, CASE WHEN stands = 'open' AND is_timed THEN moment + interval '15 minutes' END,
            CASE WHEN stands = 'open' THEN coalesce(clock::date, current_date) END, false, location, '', 1, '', stands,
            CASE WHEN stands <> 'open' THEN coalesce(moment, now()) END, false, false, external_id
        FROM told ORDER BY row_no RETURNING id
    ) """ + noted("activities.activity")

import_targets.add("activities", ActivityTarget())
