"""How files become opportunities with their history: opening and closing days become states. See partners/importing for the tables."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.core.access import Scope
from voronka.core.models import Company
from voronka.opportunities import rules
from voronka.opportunities.importing.history import (
    NOTE,
    lay_history,
    make_stages,
    refuse_unknown_stages,
    usual_pipeline,
)
from voronka.partners.importing import ADDRESS, CONTACT, PARTNER, Field, Target, noted, prefixed

OWNER: Final = Field(_("Owner"), ("sales agent", "owner", "ответственный", "менеджер", "deal owner", "opportunity owner"), longest=150)  # fmt: skip


class OpportunityTarget(Target):
    """Opportunities: found by their number in another system, else by partner, name and amount; partners are made where they are missing."""

    place = 5
    slug = "opportunities"
    model = "opportunities.opportunity"
    title = _("Opportunities")
    required = ("stage", "status", "potential", "external_id")
    patterns: ClassVar = {
        "stage_dates": re.compile(r'(?:date entered|дата перехода на(?: этап| стадию)?|вошла в этап) [\'"«]?(?P<what>[^"»(]+)["»]?(?:\s*\(.*\))?[\'"]?$', re.IGNORECASE)
    }  # fmt: skip
    telling: ClassVar = {"stage": 4, "status": 1, "potential": 2, "closed_on": 2, "opened_on": 1, "predicted_close_on": 2, "percentage": 2, "product": 1}  # fmt: skip
    fields: ClassVar = {
        "external_id": Field(_("Number in another system"), ("opportunity id", "deal id", "id", "номер", "номер сделки", "id сделки"), longest=100),
        "name": Field(_("Opportunity"), ("deal name", "opportunity", "opportunity name", "название сделки", "сделка", "название", "тема"), longest=200),
        "owner_name": OWNER,
        "stage": Field(pgettext_lazy("of a pipeline", "Stage"), ("deal stage", "этап", "этап сделки", "стадия", "стадия сделки", "stagename"), longest=100),
        "status": Field(_("Status"), ("статус", "состояние", "deal status")),
        "potential": Field(_("Amount"), ("close value", "amount", "сумма", "бюджет", "сумма сделки", "value", "deal value"), "amount"),
        "percentage": Field(_("Percentage"), ("probability", "вероятность", "вероятность, %", "closing percentage"), "percent"),
        "forecast_category": Field(_("In the forecast"), ("forecast category", "forecastcategoryname", "категория прогноза", "в прогнозе")),
        "opened_on": Field(_("Opened"), ("engage date", "дата создания", "create date", "created", "дата открытия", "opened", "start date", "дата начала"), "date"),
        "predicted_close_on": Field(
            _("Predicted closing"),
            ("predicted closing", "expected close date", "предполагаемая дата закрытия", "ожидаемое закрытие", "плановая дата закрытия"), "date",
        ),
        "closed_on": Field(_("Closed"), ("close date", "дата закрытия", "closed", "closing date", "фактическая дата закрытия"), "date"),
        "source": Field(_("Source"), ("источник", "lead source", "information source", "источник сделки"), longest=100),
        "industry": Field(_("Industry"), ("отрасль", "sector"), longest=100),
        "territory": Field(_("Territory"), ("территория", "region", "регион"), longest=100),
        "product": Field(_("Product"), ("товар", "продукт", "услуга"), longest=200),
        "stage_dates": Field(_("Reached a stage on (stage by the header)"), ()),
        "reason_words": Field(_("Reason"), ("причина", "причина отказа", "lost reason", "reason"), longest=500),
        "remarks": Field(_("Remarks"), ("примечание", "комментарий", "notes", "comment", "remarks", "description")),
        **prefixed(
            {name: field for name, field in PARTNER.items() if name not in ("source", "industry", "territory")}, "partner_", _("Partner"),
            name=("account", "company", "компания", "контрагент", "клиент", "account name", "организация", "partner"),
            tax_id=("инн", "inn", "инн контрагента"), external_id=("account id", "id компании"), website=("сайт компании",),
        ),
        **prefixed(
            CONTACT, "contact_", _("Contact"), name=("contact", "contact name", "контакт", "контактное лицо", "основной контакт"),
            phone=("телефон", "рабочий телефон", "phone"), email=("email", "e-mail", "рабочий email"), position=("должность",),
        ),
        **{name: replace(field, aliases=()) for name, field in ADDRESS.items()},
    }  # fmt: skip

    def put_own_right(self, values: dict[str, str]) -> str:
        """Won and lost are told from stages by their words."""
        values["potential"] = values.get("potential") or "0"
        status = rules.status_of(values.get("status", "")) or rules.status_of(values.get("stage", ""))
        if rules.status_of(values.get("stage", "")):
            values["stage"] = ""
        category = rules.category_of(values.get("forecast_category", ""))
        if category is None:
            return "choice"
        values["forecast_category"] = category
        values["status"] = status or rules.OPEN
        if values["status"] == rules.OPEN:
            # A closing day of an open deal is when it is expected to close.
            if values.get("closed_on") and not values.get("predicted_close_on"):
                values["predicted_close_on"] = values["closed_on"]
            values["closed_on"] = ""
        elif values.get("closed_on") and values.get("opened_on") and values["closed_on"] < values["opened_on"]:
            return "dates_order"
        values["name"] = (
            " ".join(values.get("name", "").split()) or values.get("product", "")[:200] or values.get("external_id", "")
        )
        return ""

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        choice = run.options.get("on_duplicate")
        self.find_links(run, by, cursor)
        if choice != "create":
            cursor.execute(self.sql(run, _EXISTING))
        self.find_partners(run, cursor)
        if choice != "create":
            cursor.execute(self.sql(run, _EXISTING_BY_NAME))
        refuse_unknown_stages(run, self._pipeline(cursor), cursor)
        placeholder = "true" if run.options.get("without_partner") == "placeholder" else "false"
        cursor.execute(self.sql(run, _JUDGE, placeholder=placeholder))
        if choice == "update":
            scope = by.scope_for("opportunities.opportunity", "edit")
            everybody, people = scope == Scope.ALL, by.people_within(scope)
            changes = self.sql(run, _CHANGES, custom=self.custom_json(kept="o.custom"))
            cursor.execute(changes, {"everybody": everybody, "people": people})
            cursor.execute(self.sql(run, _JUDGE_CHANGES))

    def missing(self, run: Any, cursor: Any) -> dict[str, list[str]]:
        stages = self._stage_names(run, self._pipeline(cursor), cursor)
        return ({"stage": stages} if stages else {}) | super().missing(run, cursor)

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        """Stages, partners and contacts that are missing, then the opportunities and their states."""
        company = Company.current()
        values = {"by": by.pk, "run": run.pk, "zone": company.time_zone, "currency": company.currency}
        values["pipeline"] = self._pipeline(cursor) or self._new_pipeline(run, cursor)
        self._new_stages(run, cursor, values["pipeline"])
        if "stage_dates" in run.mapping.values():
            cursor.execute(self.sql(run, _REACHED), values)
        if run.options.get("without_partner") == "placeholder":
            cursor.execute(self.sql(run, _PLACEHOLDER), {"name": str(_("Without a company")), **values})
        super().write(run, by, cursor)
        for statement in (_DEALS, _INSERT, _STATES, _NOTED):
            cursor.execute(self.sql(run, statement, custom=self.custom_json("d")), values, 10)
        if "stage_dates" in run.mapping.values():
            lay_history(run, values, cursor)
        if run.options.get("on_duplicate") == "update":
            for statement in (_UPDATE, _END_STATES, _NEXT_STATES):
                cursor.execute(self.sql(run, statement), values)

    def _pipeline(self, cursor: Any) -> int | None:
        return usual_pipeline(cursor)

    def _new_pipeline(self, run: Any, cursor: Any) -> int:
        cursor.execute(
            "INSERT INTO opportunities_pipeline (name, position, is_active, is_default) VALUES (%s, 1, true, true) RETURNING id",
            [str(_("Sales"))],
        )
        made = int(cursor.fetchone()[0])
        cursor.execute(NOTE, [run.pk, "opportunities.pipeline", made, made])
        return made

    def _stage_names(self, run: Any, pipeline: int | None, cursor: Any) -> list[str]:
        """Stages the file names and nobody knows, those whose deals have mostly not begun first."""
        cursor.execute(self.sql(run, _NEW_STAGE_NAMES), [pipeline])
        names = [row[0] for row in cursor.fetchall()]
        if "stage_dates" in run.mapping.values():
            cursor.execute(self.sql(run, _NEW_REACHED_NAMES), [pipeline])
            earlier = [row[0] for row in cursor.fetchall()]
            names = earlier + [name for name in names if name.lower() not in {one.lower() for one in earlier}]
        return names

    def _new_stages(self, run: Any, cursor: Any, pipeline: int) -> None:
        """A file that names no stage (all its deals are closed) and an empty pipeline still need one."""
        names = self._stage_names(run, pipeline, cursor)
        cursor.execute("SELECT count(*) FROM opportunities_stage WHERE pipeline_id = %s", [pipeline])
        if not names and not cursor.fetchone()[0]:
            names = [str(_("In progress"))]
        make_stages(run, names, pipeline, cursor)


_EXISTING: Final = """
    UPDATE {t} s SET target_id = o.id FROM opportunities_opportunity o
    WHERE s.reason IS NULL AND s.external_id <> '' AND o.external_id = s.external_id AND o.deleted_at IS NULL
"""
# Without a number the n-th deal of one partner, name and amount is the n-th such deal we have.
_EXISTING_BY_NAME: Final = """
    UPDATE {t} s SET target_id = known.id
    FROM (
        SELECT s.row_no, g.id AS partner_id, s.name, s.potential::numeric AS potential,
            row_number() OVER (PARTITION BY g.id, s.name, s.potential ORDER BY s.row_no) AS place
        FROM {t} s JOIN {t}_partner g USING (row_no) WHERE s.reason IS NULL AND s.target_id IS NULL AND s.external_id = '' AND NOT g.is_new
    ) ours JOIN (
        SELECT o.id, o.partner_id, o.name, o.potential, row_number() OVER (PARTITION BY o.partner_id, o.name, o.potential ORDER BY o.id) AS place
        FROM opportunities_opportunity o WHERE o.deleted_at IS NULL AND o.partner_id IN (SELECT id FROM {t}_partner WHERE NOT is_new)
    ) known USING (partner_id, name, potential, place)
    WHERE ours.row_no = s.row_no
"""
_JUDGE: Final = """
    CREATE UNLOGGED TABLE {t}_main AS
    SELECT row_no, reason, CASE WHEN reason IS NULL THEN 'created' WHEN reason IN ('twice', 'exists') THEN 'skipped' ELSE 'refused' END AS action,
        CASE WHEN reason IS NULL THEN nextval(pg_get_serial_sequence('opportunities_opportunity', 'id')) ELSE target_id END AS target_id
    FROM (
        SELECT s.row_no, s.target_id, CASE
            WHEN s.reason IS NOT NULL THEN s.reason
            WHEN s.external_id <> '' AND row_number() OVER (PARTITION BY s.reason IS NULL, nullif(s.external_id, '') ORDER BY s.row_no) > 1 THEN 'twice'
            WHEN s.target_id IS NOT NULL THEN 'exists'
            WHEN g.id IS NULL AND NOT {placeholder} THEN 'no_partner' END AS reason
        FROM {t} s LEFT JOIN {t}_partner g USING (row_no)
    ) judged ORDER BY row_no
"""
_NEW_STAGE_NAMES: Final = """
    SELECT min(stage) FROM {t} s JOIN {t}_main m USING (row_no) WHERE stage <> '' AND m.action = 'created'
    AND NOT EXISTS (SELECT FROM opportunities_stage g WHERE g.pipeline_id = %s AND lower(g.name) = lower(s.stage))
    GROUP BY lower(stage) ORDER BY count(nullif(opened_on, ''))::float / count(*), min(row_no)
"""
# Moments from columns of the deal's own row, a line each: when, a tab, which stage.
_REACHED: Final = """
    CREATE UNLOGGED TABLE {t}_passed AS
    SELECT m.target_id AS opportunity_id, split_part(line, E'\\t', 2) AS stage, split_part(line, E'\\t', 1)::timestamp AT TIME ZONE %(zone)s AS since,
        NULL::numeric AS percentage, NULL::numeric AS potential
    FROM {t} s JOIN {t}_main m USING (row_no) CROSS JOIN LATERAL regexp_split_to_table(s.stage_dates, E'\\n') AS line
    WHERE m.action = 'created' AND s.stage_dates <> ''
"""
_NEW_REACHED_NAMES: Final = """
    SELECT min(named.stage) FROM (
        SELECT split_part(line, E'\\t', 2) AS stage, place FROM {t} s JOIN {t}_main m USING (row_no)
        CROSS JOIN LATERAL regexp_split_to_table(s.stage_dates, E'\\n') WITH ORDINALITY AS told(line, place) WHERE m.action = 'created' AND s.stage_dates <> ''
    ) named WHERE NOT EXISTS (SELECT FROM opportunities_stage g WHERE g.pipeline_id = %s AND lower(g.name) = lower(named.stage))
    GROUP BY lower(named.stage) ORDER BY avg(named.place), 1
"""
# One partner for the rows without any, found again by its name.
_PLACEHOLDER: Final = (
    """
    WITH found AS (SELECT id FROM partners_partner WHERE name = %(name)s AND deleted_at IS NULL LIMIT 1),
    made AS (
        INSERT INTO partners_partner (created_at, updated_at, created_by_id, version, owner_id, name, kind, legal_status, is_channel, country, full_name,
            tax_id, kpp, ogrn, phone, phone2, email, website, remarks, external_id)
        SELECT now(), now(), %(by)s, 1, %(by)s, %(name)s, 'lead', 'company', false, 'RU', '', '', '', '', '', '', '', '', '', ''
        WHERE NOT EXISTS (SELECT FROM found) RETURNING id
    ), noted AS ("""
    + noted("partners.partner")
    + """), one AS (SELECT id FROM found UNION ALL SELECT id FROM made)
    INSERT INTO {t}_partner SELECT m.row_no, one.id, false, false FROM {t}_main m, one
    WHERE m.action = 'created' AND NOT EXISTS (SELECT FROM {t}_partner g WHERE g.row_no = m.row_no)
"""
)
# Typed and completed. A closed deal without a stage was last in the most advanced one the file knows.
_DEALS: Final = """
    CREATE UNLOGGED TABLE {t}_deal AS
    WITH usual AS (
        SELECT g.id FROM opportunities_stage g WHERE g.pipeline_id = %(pipeline)s
        ORDER BY lower(g.name) IN (SELECT lower(stage) FROM {t} WHERE stage <> '') DESC, g.position DESC, g.id DESC LIMIT 1
    ), dated AS (
        SELECT s.*, m.target_id AS id, nullif(s.opened_on, '')::date AS began,
            CASE WHEN s.status <> 'open' THEN greatest(nullif(s.opened_on, '')::date,
                coalesce(nullif(s.closed_on, '')::date, nullif(s.predicted_close_on, '')::date, current_date)) END AS ended
        FROM {t} s JOIN {t}_main m USING (row_no) WHERE m.action = 'created'
    )
    SELECT d.row_no, d.id, d.name, d.status, p.id AS partner_id, c.id AS contact_id, coalesce(o.id, %(by)s) AS owner_id, g.id AS stage_id,
        coalesce(nullif(d.percentage, '')::numeric, g.percentage) AS percentage, d.forecast_category, d.potential::numeric AS potential,
        coalesce(d.began, d.ended, current_date) AS opened_on, d.ended AS closed_on,
        greatest(coalesce(nullif(d.predicted_close_on, '')::date, d.ended, current_date + 30), d.began) AS predicted_close_on,
        CASE WHEN coalesce(d.began, d.ended) IS NULL THEN now() ELSE coalesce(d.began, d.ended)::timestamp AT TIME ZONE %(zone)s END AS since,
        (d.ended + time '18:00') AT TIME ZONE %(zone)s AS until,
        d.product, r.id AS territory_id, u.id AS source_id, i.id AS industry_id, d.reason_words, d.external_id,
        concat_ws(E'\\n', nullif(d.remarks, ''), CASE WHEN d.owner_name <> '' AND o.id IS NULL THEN d.owner_name END) AS remarks,
        {custom} AS custom
    FROM dated d JOIN {t}_partner p USING (row_no) LEFT JOIN {t}_contact c USING (row_no)
    LEFT JOIN {t}_people o ON d.owner_name <> '' AND o.name = lower(d.owner_name)
    LEFT JOIN opportunities_stage named ON named.pipeline_id = %(pipeline)s AND d.stage <> '' AND lower(named.name) = lower(d.stage)
    JOIN opportunities_stage g ON g.id = coalesce(named.id, (SELECT id FROM usual))
    LEFT JOIN partners_industry i ON d.industry <> '' AND lower(i.name) = lower(d.industry)
    LEFT JOIN partners_source u ON d.source <> '' AND lower(u.name) = lower(d.source)
    LEFT JOIN partners_territory r ON d.territory <> '' AND lower(r.name) = lower(d.territory)
    ORDER BY d.row_no
"""
_INSERT: Final = """
    INSERT INTO opportunities_opportunity (id, created_at, updated_at, created_by_id, version, owner_id, name, partner_id, contact_id, pipeline_id, stage_id,
        status, percentage, forecast_category, potential, currency, potential_company, gross_profit_percent, opened_on, predicted_close_on, closes_unit,
        closed_on, stage_since, product, project, territory_id, source_id, industry_id, remarks, close_comment, external_id, custom)
    SELECT id, now(), now(), %(by)s, 1, owner_id, name, partner_id, contact_id, %(pipeline)s, stage_id, status, percentage, forecast_category, potential,
        %(currency)s, potential, 0, opened_on, predicted_close_on, 'D', closed_on, coalesce(until, since), product, '', territory_id, source_id, industry_id, remarks, reason_words,
        external_id, custom
    FROM {t}_deal
"""
_STATES: Final = """
    INSERT INTO opportunities_opportunitystate (opportunity_id, since, until, status, stage_id, percentage, potential, currency, potential_company,
        gross_profit_percent, forecast_category, predicted_close_on, owner_id, territory_id, source_id, industry_id, changed_by_id, comment)
    SELECT d.id, span.since, span.until, span.status, d.stage_id, d.percentage, d.potential, %(currency)s, d.potential, 0, d.forecast_category, d.predicted_close_on,
        d.owner_id, d.territory_id, d.source_id, d.industry_id, %(by)s, ''
    FROM {t}_deal d CROSS JOIN LATERAL (
        VALUES (1, d.since, CASE WHEN d.status <> 'open' THEN d.until END, 'open'), (2, d.until, NULL::timestamptz, d.status)
    ) AS span(place, since, until, status)
    WHERE span.place = 1 OR d.status <> 'open'
"""
_NOTED: Final = noted("opportunities.opportunity", rows="{t}_deal")
# What the file says of opportunities we have: only of open ones, whose present is still being written, and only what differs. A stage is found by its
# name in the opportunity's own pipeline; won and lost are for people to say, with a reason.
_CHANGES: Final = """
    CREATE UNLOGGED TABLE {t}_change AS
    SELECT row_no, id, yours AND is_open AS allowed, yours, name, potential, percentage, forecast_category, predicted_close_on, stage_id, product, remarks, custom,
        (name, potential, percentage, forecast_category, predicted_close_on, stage_id, product, remarks, custom)
            IS DISTINCT FROM (o_name, o_potential, o_percentage, o_category, o_predicted, o_stage, o_product, o_remarks, o_custom) AS differs
    FROM (
        SELECT s.row_no, o.id, o.status = 'open' AS is_open, %(everybody)s OR o.owner_id = ANY(%(people)s::bigint[]) AS yours,
            o.name AS o_name, o.potential AS o_potential, o.percentage AS o_percentage, o.forecast_category AS o_category, o.predicted_close_on AS o_predicted, o.stage_id AS o_stage,
            o.product AS o_product, o.remarks AS o_remarks, o.custom AS o_custom, {custom} AS custom,
            coalesce(nullif(s.name, ''), o.name) AS name, CASE WHEN s.potential::numeric > 0 THEN s.potential::numeric ELSE o.potential END AS potential,
            coalesce(nullif(s.percentage, '')::numeric, CASE WHEN g.id <> o.stage_id THEN g.percentage END, o.percentage) AS percentage,
            coalesce(nullif(s.forecast_category, ''), o.forecast_category) AS forecast_category,
            greatest(coalesce(nullif(s.predicted_close_on, '')::date, o.predicted_close_on), o.opened_on) AS predicted_close_on,
            coalesce(g.id, o.stage_id) AS stage_id, coalesce(nullif(s.product, ''), o.product) AS product, coalesce(nullif(s.remarks, ''), o.remarks) AS remarks
        FROM {t} s JOIN {t}_main m USING (row_no) JOIN opportunities_opportunity o ON o.id = m.target_id
        LEFT JOIN opportunities_stage g ON g.pipeline_id = o.pipeline_id AND s.stage <> '' AND lower(g.name) = lower(s.stage)
        WHERE m.reason = 'exists'
    ) said
"""
_JUDGE_CHANGES: Final = """
    UPDATE {t}_main m SET action = CASE WHEN NOT c.yours THEN 'refused' WHEN c.allowed AND c.differs THEN 'updated' ELSE 'skipped' END,
        reason = CASE WHEN NOT c.yours THEN 'not_yours' WHEN NOT c.differs THEN 'same' WHEN NOT c.allowed THEN 'closed' END
    FROM {t}_change c WHERE c.row_no = m.row_no
"""
# The moment of a change: now, unless somebody else changed the opportunity after this import began; then directly after their change.
_MOMENT: Final = "greatest(now(), s.since + interval '1 microsecond')"
_UPDATE: Final = f"""
    WITH done AS (
        UPDATE opportunities_opportunity o SET name = c.name, potential = c.potential,
            potential_company = company_value(c.potential, o.currency, now()), percentage = c.percentage,
            forecast_category = c.forecast_category, predicted_close_on = c.predicted_close_on,
            stage_since = CASE WHEN c.stage_id <> o.stage_id THEN {_MOMENT} ELSE o.stage_since END, stage_id = c.stage_id, product = c.product,
            remarks = c.remarks, custom = c.custom, version = o.version + 1, updated_at = now()
        FROM {{t}}_change c JOIN {{t}}_main m USING (row_no) JOIN opportunities_opportunitystate s ON s.opportunity_id = c.id AND s.until IS NULL
        WHERE m.action = 'updated' AND o.id = c.id AND o.status = 'open' RETURNING o.id
    ) """ + noted("opportunities.opportunity", "updated", "done")
# The span that held until now ends, and one with the new values begins; nothing of it where the figures that matter stayed the same.
_END_STATES: Final = f"""
    UPDATE opportunities_opportunitystate s SET until = {_MOMENT} FROM opportunities_opportunity o, {{t}}_change c JOIN {{t}}_main m USING (row_no)
    WHERE m.action = 'updated' AND o.id = c.id AND s.opportunity_id = o.id AND s.until IS NULL
    AND (s.stage_id, s.percentage, s.forecast_category, s.potential, s.predicted_close_on)
        IS DISTINCT FROM (o.stage_id, o.percentage, o.forecast_category, o.potential, o.predicted_close_on)
"""
_NEXT_STATES: Final = """
    WITH made AS (
        INSERT INTO opportunities_opportunitystate (opportunity_id, since, status, stage_id, percentage, potential, currency, potential_company,
            gross_profit_percent, forecast_category, predicted_close_on, owner_id, territory_id, source_id, industry_id, changed_by_id, comment)
        SELECT o.id, (SELECT max(s.until) FROM opportunities_opportunitystate s WHERE s.opportunity_id = o.id), o.status, o.stage_id, o.percentage, o.potential, o.currency,
            o.potential_company, o.gross_profit_percent, o.forecast_category, o.predicted_close_on, o.owner_id,
            o.territory_id, o.source_id, o.industry_id, %(by)s, ''
        FROM opportunities_opportunity o JOIN {t}_change c ON c.id = o.id JOIN {t}_main m USING (row_no)
        WHERE m.action = 'updated' AND NOT EXISTS (SELECT FROM opportunities_opportunitystate s WHERE s.opportunity_id = o.id AND s.until IS NULL)
        RETURNING id
    ) """ + noted("opportunities.opportunitystate")
