"""Competitors, interests and reasons: values of the company's lists that hang on opportunities."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from voronka.core.access import Scope
from voronka.opportunities import rules
from voronka.opportunities.importing.stages import StageTarget
from voronka.opportunities.models import Threat
from voronka.partners.importing import Field, Target, model_of, noted

_FIRST: Final = "row_number() OVER (PARTITION BY m.target_id, s.{one} ORDER BY s.row_no) = 1"
_HAS_ONE: Final = " CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM {r} r WHERE r.opportunity_id = m.target_id AND r.{one}) AS is_there) h"


class HangingTarget(Target):
    """What hangs on an opportunity named by its number: a value of one of the company's lists and what is said of it.

    A subclass names the list and its field, the model and the columns an INSERT fills from the staged row.
    """

    # The staged field with the value's name, the table and model of its list, and what a new value has besides its name.
    value: ClassVar[str]
    values_in: ClassVar[str]
    more: ClassVar[tuple[str, str]] = ("", "")
    table: ClassVar[str]
    column: ClassVar[str]
    # SQL: further columns and what they get; only one of a deal's is the `one` (the primary, the winner), the first that says so.
    said: ClassVar[tuple[str, str]] = ("", "")
    one: ClassVar[str] = ""
    OF_DEAL: ClassVar = {
        "opportunity_id": StageTarget.fields["opportunity_id"],
        "name": StageTarget.fields["name"],
    }

    prefix = ""

    def put_right(self, values: dict[str, str]) -> str:
        """Without the value nothing is said of the opportunity."""
        return self._too_long(values) if values.get(self.value) else "empty"

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        scope = by.scope_for("opportunities.opportunity", "edit")
        values = {"everybody": scope == Scope.ALL, "people": by.people_within(scope)}
        if not run.options.get("create_missing"):
            cursor.execute(self._filled(run, _NO_VALUE))
        cursor.execute(self._filled(run, _JUDGE_HANGING), values)

    def lists(self, run: Any) -> dict[str, tuple[str, str]]:
        return {self.value: (self.values_in, self.value)}

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        if run.options.get("create_missing"):
            cursor.execute(self._filled(run, _NEW_LIST_VALUES), {"run": run.pk})
        cursor.execute(self._filled(run, _INSERT_HANGING), {"run": run.pk})

    def _filled(self, run: Any, statement: str) -> str:
        names = dict(zip(("columns", "given"), self.said, strict=True)) | dict(
            zip(("more", "usual"), self.more, strict=True)
        )
        present = _HAS_ONE.format(r=self.table, one=self.one) if self.one else ""
        return self.sql(
            run, statement, f=self.value, l=self.values_in, lm=model_of(self.values_in), r=self.table, m=self.model, k=self.column,
            present=present, **names,
        )  # fmt: skip


class CompetitorTarget(HangingTarget):
    """Who else sells to the customer of an opportunity, and how dangerous they are."""

    place = 7
    slug = "competitors"
    model = "opportunities.dealcompetitor"
    title = _("Competitors of opportunities")
    required = ("competitor",)
    telling: ClassVar = {"competitor": 5, "threat": 3, "won": 1, "opportunity_id": 2, "details": 1}
    fields: ClassVar = {
        **HangingTarget.OF_DEAL,
        "competitor": Field(_("Competitor"), ("competitor", "competition", "конкурент"), longest=100),
        "threat": Field(_("Threat"), ("threat", "threat level", "угроза", "уровень угрозы")),
        "details": Field(_("Details"), ("details", "подробности"), longest=200),
        "won": Field(_("Won the deal"), ("won", "won or lost", "выиграл сделку"), "bool"),
    }  # fmt: skip
    choices: ClassVar = {"threat": {str(value): label for value, label in Threat.choices}}
    value, values_in, table, column = (
        "competitor",
        "opportunities_competitor",
        "opportunities_dealcompetitor",
        "competitor_id",
    )
    more = (", threat, details", f", {Threat.MEDIUM}, ''")
    one = "won"
    said = (
        ", threat, details, won",
        f", coalesce(nullif(s.threat, '')::int, {Threat.MEDIUM}), s.details, s.won = 'true' AND NOT h.is_there AND {_FIRST.format(one='won')}",
    )

    def put_right(self, values: dict[str, str]) -> str:
        if typed := values.get("threat", ""):
            values["threat"] = rules.THREATS.get(typed.lower(), "")
            if not values["threat"]:
                return "choice"
        return super().put_right(values)


class InterestTarget(HangingTarget):
    """What the customer of an opportunity is interested in."""

    place = 8
    slug = "interests"
    model = "opportunities.opportunityinterest"
    title = _("Interests of opportunities")
    required = ("interest",)
    telling: ClassVar = {"interest": 5, "is_primary": 3, "opportunity_id": 2}
    fields: ClassVar = {
        **HangingTarget.OF_DEAL,
        "interest": Field(_("Interest"), ("interest", "интерес"), longest=100),
        "is_primary": Field(_("Primary"), ("primary", "primary interest", "основной интерес"), "bool"),
    }
    value, values_in, table, column = (
        "interest",
        "opportunities_interest",
        "opportunities_opportunityinterest",
        "interest_id",
    )
    one = "is_primary"
    said = (", is_primary", f", s.is_primary = 'true' AND NOT h.is_there AND {_FIRST.format(one='is_primary')}")


class ReasonTarget(HangingTarget):
    """Why an opportunity was won or lost, several reasons each."""

    place = 9
    slug = "reasons"
    model = "opportunities.opportunity_reasons"
    title = _("Reasons of opportunities")
    required = ("reason_name",)
    telling: ClassVar = {"reason_name": 4, "opportunity_id": 2}
    fields: ClassVar = {
        **HangingTarget.OF_DEAL,
        "reason_name": Field(_("Reason"), ("reason", "причина"), longest=100),
    }
    value, values_in, table, column = (
        "reason_name",
        "opportunities_reason",
        "opportunities_opportunity_reasons",
        "reason_id",
    )
    more = (", for_won, for_lost", ", true, true")


# The same opportunity and value once: in this file and among what is there.
_NO_VALUE: Final = """
    UPDATE {t} s SET reason = 'no_value' WHERE s.reason IS NULL AND NOT EXISTS (SELECT FROM {l} l WHERE lower(l.name) = lower(s.{f}))
"""
_JUDGE_HANGING: Final = """
    CREATE UNLOGGED TABLE {t}_main AS
    SELECT row_no, target_id, reason, CASE WHEN reason IS NULL THEN 'created' WHEN reason IN ('exists', 'twice') THEN 'skipped' ELSE 'refused' END AS action
    FROM (
        SELECT s.row_no, o.id AS target_id, CASE
            WHEN s.reason IS NOT NULL THEN s.reason
            WHEN o.id IS NULL OR NOT (%(everybody)s OR o.owner_id = ANY(%(people)s::bigint[])) THEN 'no_opportunity'
            WHEN EXISTS (SELECT FROM {r} r JOIN {l} l ON l.id = r.{k} WHERE r.opportunity_id = o.id AND lower(l.name) = lower(s.{f})) THEN 'exists'
            WHEN row_number() OVER (PARTITION BY s.reason IS NULL, o.id, lower(s.{f}) ORDER BY s.row_no) > 1 THEN 'twice' END AS reason
        FROM {t} s LEFT JOIN LATERAL (
            SELECT o.id, o.owner_id FROM opportunities_opportunity o WHERE o.deleted_at IS NULL AND CASE WHEN s.opportunity_id <> ''
                THEN o.external_id = s.opportunity_id ELSE s.name <> '' AND o.name = s.name END ORDER BY o.id LIMIT 1
        ) o ON true
    ) judged
"""
_NEW_LIST_VALUES: Final = """
    WITH made AS (
        INSERT INTO {l} (name, position, is_active{more})
        SELECT min({f}), 100, true{usual} FROM {t} s JOIN {t}_main m USING (row_no) WHERE m.action = 'created'
        AND NOT EXISTS (SELECT FROM {l} l WHERE lower(l.name) = lower(s.{f})) GROUP BY lower({f}) RETURNING id
    ) """ + noted("{lm}")
_INSERT_HANGING: Final = """
    WITH made AS (
        INSERT INTO {r} (opportunity_id, {k}{columns})
        SELECT m.target_id, l.id{given} FROM {t} s JOIN {t}_main m USING (row_no) JOIN LATERAL (
            SELECT l.id FROM {l} l WHERE lower(l.name) = lower(s.{f}) ORDER BY l.id LIMIT 1
        ) l ON true{present} WHERE m.action = 'created' RETURNING id
    ) """ + noted("{m}")
