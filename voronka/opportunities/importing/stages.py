"""Files that tell when opportunities came into which stage."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.core.access import Scope
from voronka.core.models import Company
from voronka.opportunities import rules
from voronka.opportunities.importing.deals import OpportunityTarget
from voronka.opportunities.importing.history import lay_history, make_stages, refuse_unknown_stages, usual_pipeline
from voronka.partners.importing import Field, Target


class StageTarget(Target):
    """The stages opportunities went through, a row each: their earlier states. Only where no history of our own would be overwritten."""

    place = 6
    slug = "stages"
    model = "opportunities.opportunitystate"
    title = _("Stage history")
    prefix = ""
    required = ("stage",)
    telling: ClassVar = {"opportunity_id": 3, "since": 4, "stage": 1, "percentage": 1, "potential": 1}
    fields: ClassVar = {
        "opportunity_id": Field(_("Opportunity: number in another system"), ("parentkey", "opportunity id", "opportunityid", "deal id", "id сделки", "номер сделки"), longest=100),
        "name": Field(_("Opportunity"), ("opportunity", "opportunity name", "deal name", "название сделки", "сделка"), longest=200),
        "stage": Field(pgettext_lazy("of a pipeline", "Stage"), ("stagename", "new stage", "to stage", "этап", "стадия", "новый этап", "этап сделки", "stagekey"), longest=100),
        "since": Field(pgettext_lazy("in a stage", "Since"), ("date entered", "entered", "changed at", "last modified", "since", "дата перехода", "с", "дата начала", "дата изменения", "moved at"), "moment"),
        "percentage": OpportunityTarget.fields["percentage"],
        "potential": OpportunityTarget.fields["potential"],
    }  # fmt: skip

    def put_right(self, values: dict[str, str]) -> str:
        """A stage and a moment: won and lost are no stages, and a file that says them says when the deal was closed, which we know."""
        if not values.get("stage") or rules.status_of(values["stage"]):
            return "empty"
        return "" if values.get("since") else "date"

    def judge(self, run: Any, by: Any, cursor: Any) -> None:
        scope = by.scope_for("opportunities.opportunity", "edit")
        values = {"everybody": scope == Scope.ALL, "people": by.people_within(scope)}
        refuse_unknown_stages(run, usual_pipeline(cursor), cursor)
        cursor.execute(self.sql(run, _JUDGE_STAGES), values)

    def missing(self, run: Any, cursor: Any) -> dict[str, list[str]]:
        cursor.execute(self.sql(run, _NEW_PASSED_NAMES), [usual_pipeline(cursor)])
        names = [row[0] for row in cursor.fetchall()]
        return {"stage": names} if names else {}

    def write(self, run: Any, by: Any, cursor: Any) -> None:
        pipeline = usual_pipeline(cursor)
        if pipeline is not None:
            make_stages(run, self.missing(run, cursor).get("stage", []), pipeline, cursor)
        values = {"run": run.pk, "by": by.pk, "zone": Company.current().time_zone, "pipeline": pipeline}
        cursor.execute(self.sql(run, _PASSED), values)
        lay_history(run, values, cursor)


# A row is about the opportunity with its number, else about the only one of its name.
_JUDGE_STAGES: Final = """
    CREATE UNLOGGED TABLE {t}_main AS
    SELECT row_no, target_id, reason, CASE WHEN reason IS NULL THEN 'created' WHEN reason IN ('has_history', 'twice') THEN 'skipped' ELSE 'refused' END AS action
    FROM (
        SELECT s.row_no, o.id AS target_id, CASE
            WHEN s.reason IS NOT NULL THEN s.reason
            WHEN o.id IS NULL OR NOT (%(everybody)s OR o.owner_id = ANY(%(people)s::bigint[])) THEN 'no_opportunity'
            WHEN (SELECT count(*) FROM opportunities_opportunitystate p WHERE p.opportunity_id = o.id AND p.status = 'open') <> 1 THEN 'has_history'
            WHEN row_number() OVER (PARTITION BY s.reason IS NULL, o.id, s.since ORDER BY s.row_no) > 1 THEN 'twice' END AS reason
        FROM {t} s LEFT JOIN LATERAL (
            SELECT o.id, o.owner_id FROM opportunities_opportunity o WHERE o.deleted_at IS NULL AND CASE WHEN s.opportunity_id <> ''
                THEN o.external_id = s.opportunity_id ELSE s.name <> '' AND o.name = s.name END ORDER BY o.id LIMIT 1
        ) o ON true
    ) judged
"""
_NEW_PASSED_NAMES: Final = """
    SELECT min(stage) FROM (
        SELECT s.stage, row_number() OVER (PARTITION BY m.target_id ORDER BY s.since) AS place FROM {t} s JOIN {t}_main m USING (row_no) WHERE m.action = 'created'
    ) named WHERE NOT EXISTS (SELECT FROM opportunities_stage g WHERE g.pipeline_id = %s AND lower(g.name) = lower(named.stage))
    GROUP BY lower(stage) ORDER BY avg(place), 1
"""
_PASSED: Final = """
    CREATE UNLOGGED TABLE {t}_passed AS
    SELECT m.target_id AS opportunity_id, s.stage, s.since::timestamp AT TIME ZONE %(zone)s AS since, nullif(s.percentage, '')::numeric AS percentage,
        nullif(s.potential, '')::numeric AS potential
    FROM {t} s JOIN {t}_main m USING (row_no) WHERE m.action = 'created'
"""
