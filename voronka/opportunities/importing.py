"""How files become opportunities with their history: opening and closing days become states."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.core.models import Company
from voronka.core.registry import import_targets
from voronka.opportunities import rules
from voronka.partners.importing import NEW_VALUES, REASONS, create_people, find_people, too_long, unknown_values

LISTS: Final = {
    "industry": ("partners_industry", _("Industry")),
    "source": ("partners_source", _("Source")),
    "territory": ("partners_territory", _("Territory")),
}


class OpportunityTarget:
    """Opportunities: found by their number in another system; partners by tax id or name, made where they are missing."""

    slug = "opportunities"
    title = _("Opportunities")
    name_field = "partner_name"
    required = ("stage", "status", "potential", "external_id")
    labels: Final = {
        "external_id": _("Number in another system"), "name": _("Opportunity"), "partner_name": _("Partner"), "partner_tax_id": _("Partner's tax ID"),
        "owner_name": _("Owner"), "stage": pgettext_lazy("of a pipeline", "Stage"), "status": _("Status"), "potential": _("Amount"),
        "percentage": _("Percentage"), "opened_on": _("Opened"), "predicted_close_on": _("Predicted closing"), "closed_on": _("Closed"),
        "source": _("Source"), "industry": _("Industry"), "territory": _("Territory"), "product": _("Product"), "reason_words": _("Reason"),
        "remarks": _("Remarks"),
    }  # fmt: skip
    types: Final = {
        "potential": "amount",
        "percentage": "percent",
        "opened_on": "date",
        "predicted_close_on": "date",
        "closed_on": "date",
    }
    aliases: Final[dict[str, tuple[str, ...]]] = {
        "external_id": ("opportunity id", "deal id", "id", "номер", "номер сделки", "id сделки"),
        "name": ("deal name", "opportunity", "opportunity name", "название сделки", "сделка", "название", "тема"),
        "partner_name": (
            "account",
            "company",
            "компания",
            "контрагент",
            "клиент",
            "account name",
            "организация",
            "partner",
        ),
        "partner_tax_id": ("инн", "inn", "инн контрагента"),
        "owner_name": ("sales agent", "owner", "ответственный", "менеджер", "deal owner", "opportunity owner"),
        "stage": ("deal stage", "этап", "этап сделки", "стадия", "стадия сделки", "stagename"),
        "status": ("статус", "состояние", "deal status"),
        "potential": ("close value", "amount", "сумма", "бюджет", "сумма сделки", "value", "deal value"),
        "percentage": ("probability", "вероятность", "вероятность, %", "closing percentage"),
        "opened_on": (
            "engage date",
            "дата создания",
            "create date",
            "created",
            "дата открытия",
            "opened",
            "start date",
            "дата начала",
        ),
        "predicted_close_on": (
            "predicted closing",
            "expected close date",
            "предполагаемая дата закрытия",
            "ожидаемое закрытие",
            "плановая дата закрытия",
        ),
        "closed_on": ("close date", "дата закрытия", "closed", "closing date", "фактическая дата закрытия"),
        "source": ("источник", "lead source", "information source", "источник сделки"),
        "industry": ("отрасль", "sector"),
        "territory": ("территория", "region", "регион"),
        "product": ("товар", "продукт", "услуга"),
        "reason_words": ("причина", "причина отказа", "lost reason", "reason"),
        "remarks": ("примечание", "комментарий", "notes", "comment", "remarks"),
    }
    staged = (*labels, "tax_id")

    def score(self, fields: Any) -> int:
        """How much the recognised fields speak for opportunities."""
        telling = {
            "stage": 4,
            "status": 1,
            "potential": 2,
            "closed_on": 2,
            "opened_on": 1,
            "predicted_close_on": 2,
            "percentage": 2,
            "product": 1,
        }
        return sum(telling.get(field, 0) for field in fields)

    def words(self, reason: str) -> Any:
        return REASONS.get(reason, reason)

    def put_right(self, values: dict[str, str]) -> str:
        """Won and lost are told from stages by their words; the reason why a row can't be taken, or ""."""
        values["tax_id"] = values.get("partner_tax_id", "").replace(" ", "")
        values["potential"] = values.get("potential") or "0"
        status = rules.status_of(values.get("status", "")) or rules.status_of(values.get("stage", ""))
        if rules.status_of(values.get("stage", "")):
            values["stage"] = ""
        values["status"] = status or rules.OPEN
        if values["status"] == rules.OPEN:
            values["closed_on"] = ""
        elif values.get("closed_on") and values.get("opened_on") and values["closed_on"] < values["opened_on"]:
            return "dates_order"
        values["name"] = (
            " ".join(values.get("name", "").split()) or values.get("product", "")[:200] or values.get("external_id", "")
        )
        if any(
            len(values.get(field, "")) > most
            for field, most in (("product", 200), ("partner_name", 200), ("stage", 100), ("reason_words", 500))
        ):
            return "long_value"
        return too_long(values)

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        """Say of every staged row what becomes of it."""
        table = run.staging
        find_people(table, cursor, by)
        if run.options.get("on_duplicate") != "create":
            cursor.execute(_EXISTING.format(t=table))
        cursor.execute(_TWICE.format(t=table))
        for match in _PARTNERS:
            cursor.execute(match.format(t=table))
        if run.options.get("without_partner") != "placeholder":
            cursor.execute(
                f"UPDATE {table} SET reason = 'no_partner' WHERE reason IS NULL AND target_id IS NULL AND partner_name = '' AND tax_id = ''"
            )
        cursor.execute(
            f"UPDATE {table} SET action = CASE WHEN reason = 'twice' THEN 'skipped' WHEN reason IS NOT NULL THEN 'refused' "
            f"WHEN target_id IS NOT NULL THEN 'skipped' ELSE 'created' END"
        )

    def missing(self, run: Any, cursor: Any) -> dict[str, list[str]]:
        """Values that would be created: stages, people and those of the lists."""
        cursor.execute(_NEW_STAGE_NAMES.format(t=run.staging), [self._pipeline(run, cursor)])
        found = {"stage": [row[0] for row in cursor.fetchall()]}
        cursor.execute(
            f"SELECT min(owner_name) FROM {run.staging} WHERE owner_id IS NULL AND action = 'created' GROUP BY lower(owner_name) LIMIT 200"
        )
        found["owner_name"] = [row[0] for row in cursor.fetchall()]
        found |= {field: unknown_values(run.staging, field, table, cursor) for field, (table, _label) in LISTS.items()}
        return {field: values for field, values in found.items() if values}

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        """Create stages, partners, opportunities and their states, and note what was done."""
        table = run.staging
        values = {
            "by": by.pk,
            "run": run.pk,
            "zone": Company.current().time_zone,
            "currency": Company.current().currency,
        }
        if run.options.get("create_missing"):
            create_people(table, cursor)
            for field, (list_table, _label) in LISTS.items():
                cursor.execute(NEW_VALUES.format(t=table, f=field, l=list_table))
        values["pipeline"] = self._pipeline(run, cursor) or self._new_pipeline(cursor)
        self._new_stages(run, cursor, values["pipeline"])
        values["placeholder"] = None
        if run.options.get("without_partner") == "placeholder":
            cursor.execute(_PLACEHOLDER, {"name": str(_("Without a company")), **values})
            values["placeholder"] = cursor.fetchone()[0]
        for statement in _WRITE:
            cursor.execute(statement.format(t=table), values)

    def _pipeline(self, run: Any, cursor: Any) -> int | None:
        cursor.execute(
            "SELECT id FROM opportunities_pipeline WHERE is_active ORDER BY is_default DESC, position, id LIMIT 1"
        )
        found = cursor.fetchone()
        return found[0] if found else None

    def _new_pipeline(self, cursor: Any) -> int:
        cursor.execute(
            "INSERT INTO opportunities_pipeline (name, position, is_active, is_default) VALUES (%s, 1, true, true) RETURNING id",
            [str(_("Sales"))],
        )
        return cursor.fetchone()[0]

    def _new_stages(self, run: Any, cursor: Any, pipeline: int) -> None:
        """Stages named in the file and unknown, those whose deals have mostly not begun first, percentages spread between.

        A file that names none (all its deals are closed) and an empty pipeline still need one stage.
        """
        cursor.execute(_NEW_STAGE_NAMES.format(t=run.staging), [pipeline])
        names = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "SELECT count(*), coalesce(max(position), 0) FROM opportunities_stage WHERE pipeline_id = %s", [pipeline]
        )
        count, last = cursor.fetchone()
        if not names and not count:
            names = [str(_("In progress"))]
        for place, name in enumerate(names, 1):
            row = [pipeline, name, last + place, round(100 * (count + place) / (count + len(names) + 1))]
            cursor.execute(
                "INSERT INTO opportunities_stage (pipeline_id, name, position, percentage, is_active) VALUES (%s, %s, %s, %s, true)",
                row,
            )


_EXISTING: Final = """
    UPDATE {t} s SET target_id = o.id FROM opportunities_opportunity o
    WHERE s.reason IS NULL AND s.external_id <> '' AND o.external_id = s.external_id AND o.deleted_at IS NULL
"""
_TWICE: Final = """
    UPDATE {t} s SET reason = 'twice' FROM (
        SELECT row_no, row_number() OVER (PARTITION BY external_id ORDER BY row_no) AS place FROM {t} WHERE reason IS NULL AND external_id <> ''
    ) seen WHERE seen.row_no = s.row_no AND seen.place > 1
"""
_PARTNERS: Final = (
    "UPDATE {t} s SET partner_id = p.id FROM partners_partner p WHERE s.tax_id <> '' AND p.tax_id = s.tax_id AND p.deleted_at IS NULL",
    "UPDATE {t} s SET partner_id = p.id FROM partners_partner p WHERE s.partner_id IS NULL AND s.name_key <> '' AND p.name_key = s.name_key "
    "AND p.kind <> 'vendor' AND p.deleted_at IS NULL AND (s.tax_id = '' OR p.tax_id = '')",
)
_NEW_STAGE_NAMES: Final = """
    SELECT min(stage) FROM {t} s WHERE stage <> '' AND action = 'created'
    AND NOT EXISTS (SELECT FROM opportunities_stage g WHERE g.pipeline_id = %s AND lower(g.name) = lower(s.stage))
    GROUP BY lower(stage) ORDER BY count(nullif(opened_on, ''))::float / count(*), min(row_no)
"""
# One partner for the rows without any, found again by its name.
_PLACEHOLDER: Final = """
    WITH found AS (SELECT id FROM partners_partner WHERE name = %(name)s AND deleted_at IS NULL LIMIT 1),
    made AS (
        INSERT INTO partners_partner (created_at, updated_at, created_by_id, version, owner_id, name, kind, legal_status, is_channel, country, full_name,
            tax_id, kpp, ogrn, phone, phone2, email, website, remarks, external_id)
        SELECT now(), now(), %(by)s, 1, %(by)s, %(name)s, 'lead', 'company', false, 'RU', '', '', '', '', '', '', '', '', '', ''
        WHERE NOT EXISTS (SELECT FROM found) RETURNING id
    ) SELECT id FROM found UNION ALL SELECT id FROM made
"""
_OPENED: Final = "(nullif(s.opened_on, '')::timestamp AT TIME ZONE %(zone)s)"
_CLOSED: Final = "((nullif(s.closed_on, '')::date + time '18:00') AT TIME ZONE %(zone)s)"
_WRITE: Final = (
    "UPDATE {t} SET owner_id = %(by)s, remarks = concat_ws(E'\\n', nullif(remarks, ''), owner_name) WHERE owner_id IS NULL",
    """
    WITH made AS (
        INSERT INTO partners_partner (created_at, updated_at, created_by_id, version, owner_id, name, kind, legal_status, is_channel, country, full_name,
            tax_id, kpp, ogrn, phone, phone2, email, website, remarks, external_id)
        SELECT now(), now(), %(by)s, 1, min(owner_id), min(coalesce(nullif(partner_name, ''), tax_id)), 'lead', 'company', false, 'RU', '',
            min(tax_id), '', '', '', '', '', '', '', ''
        FROM {t} WHERE action = 'created' AND partner_id IS NULL AND (name_key <> '' OR tax_id <> '')
        GROUP BY coalesce(nullif(name_key, ''), tax_id) RETURNING id
    ) INSERT INTO imports_importedrow (run_id, model, object_id, action) SELECT %(run)s, 'partners.partner', id, 'created' FROM made
    """,
    "UPDATE {t} s SET partner_id = p.id FROM partners_partner p, imports_importedrow r WHERE s.partner_id IS NULL AND s.action = 'created' "
    "AND r.run_id = %(run)s AND r.model = 'partners.partner' AND p.id = r.object_id "
    "AND coalesce(nullif(s.name_key, ''), s.tax_id) = coalesce(nullif(p.name_key, ''), p.tax_id)",
    "UPDATE {t} SET partner_id = %(placeholder)s WHERE partner_id IS NULL AND action = 'created'",
    "UPDATE {t} s SET stage_id = g.id FROM opportunities_stage g WHERE g.pipeline_id = %(pipeline)s AND s.stage <> '' AND lower(g.name) = lower(s.stage)",
    # A closed deal without a stage was last in the most advanced one the file knows.
    """
    UPDATE {t} SET stage_id = (
        SELECT g.id FROM opportunities_stage g WHERE g.pipeline_id = %(pipeline)s
        ORDER BY g.id IN (SELECT stage_id FROM {t} WHERE stage_id IS NOT NULL) DESC, g.position DESC, g.id DESC LIMIT 1
    ) WHERE stage_id IS NULL
    """,
    "UPDATE {t} SET target_id = nextval(pg_get_serial_sequence('opportunities_opportunity', 'id')) WHERE action = 'created'",
    "UPDATE {t} SET closed_on = coalesce(nullif(closed_on, ''), nullif(predicted_close_on, ''), current_date::text) "
    "WHERE action = 'created' AND status <> 'open'",
    "UPDATE {t} SET opened_on = closed_on WHERE action = 'created' AND opened_on = '' AND closed_on <> ''",
    f"""
    INSERT INTO opportunities_opportunity (id, created_at, updated_at, created_by_id, version, owner_id, name, partner_id, pipeline_id, stage_id, status,
        percentage, potential, currency, gross_profit_percent, opened_on, predicted_close_on, closes_unit, closed_on, stage_since, product, project,
        territory_id, source_id, industry_id, remarks, close_comment, external_id)
    SELECT s.target_id, now(), now(), %(by)s, 1, s.owner_id, s.name, s.partner_id, %(pipeline)s, s.stage_id, s.status,
        coalesce(nullif(s.percentage, '')::numeric, g.percentage), s.potential::numeric, %(currency)s, 0,
        coalesce(nullif(s.opened_on, '')::date, current_date),
        greatest(coalesce(nullif(s.predicted_close_on, '')::date, nullif(s.closed_on, '')::date, current_date + 30), nullif(s.opened_on, '')::date), 'D',
        nullif(s.closed_on, '')::date, coalesce({_CLOSED}, {_OPENED}, now()), s.product, '', r.id, c.id, i.id, s.remarks, s.reason_words, s.external_id
    FROM {{t}} s JOIN opportunities_stage g ON g.id = s.stage_id
    LEFT JOIN partners_industry i ON s.industry <> '' AND lower(i.name) = lower(s.industry)
    LEFT JOIN partners_source c ON s.source <> '' AND lower(c.name) = lower(s.source)
    LEFT JOIN partners_territory r ON s.territory <> '' AND lower(r.name) = lower(s.territory)
    WHERE s.action = 'created' ORDER BY s.row_no
    """,
    f"""
    INSERT INTO opportunities_opportunitystate (opportunity_id, since, until, status, stage_id, percentage, potential, currency, gross_profit_percent,
        predicted_close_on, owner_id, territory_id, source_id, industry_id, changed_by_id, comment)
    SELECT o.id, span.since, span.until, span.status, o.stage_id, o.percentage, o.potential, o.currency, o.gross_profit_percent, o.predicted_close_on,
        o.owner_id, o.territory_id, o.source_id, o.industry_id, %(by)s, ''
    FROM {{t}} s JOIN opportunities_opportunity o ON o.id = s.target_id
    CROSS JOIN LATERAL (VALUES
        (1, coalesce({_OPENED}, now()), CASE WHEN o.status <> 'open' THEN {_CLOSED} END, 'open'), (2, {_CLOSED}, NULL::timestamptz, o.status)
    ) AS span(place, since, until, status)
    WHERE s.action = 'created' AND (span.place = 1 OR o.status <> 'open')
    """,
    """
    INSERT INTO imports_importedrow (run_id, model, object_id, action)
    SELECT %(run)s, 'opportunities.opportunity', target_id, action FROM {t} WHERE action = 'created'
    """,
)

import_targets.add("opportunities", OpportunityTarget())
