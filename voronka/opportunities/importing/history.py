"""The stages an opportunity went through become its states; stages that are missing are made."""

from __future__ import annotations

from typing import Any, Final

from voronka.partners.importing import noted


def usual_pipeline(cursor: Any) -> int | None:
    """The pipeline of opportunities whose file names none."""
    cursor.execute(
        "SELECT id FROM opportunities_pipeline WHERE is_active ORDER BY is_default DESC, position, id LIMIT 1"
    )
    found = cursor.fetchone()
    return found[0] if found else None


def make_stages(run: Any, names: list[str], pipeline: int, cursor: Any) -> None:
    """New stages at the end of the pipeline, their percentages spread between."""
    cursor.execute(
        "SELECT count(*), coalesce(max(position), 0) FROM opportunities_stage WHERE pipeline_id = %s", [pipeline]
    )
    count, last = cursor.fetchone()
    for place, name in enumerate(names, 1):
        row = [pipeline, name, last + place, round(100 * (count + place) / (count + len(names) + 1))]
        cursor.execute(
            "INSERT INTO opportunities_stage (pipeline_id, name, position, percentage, required, asks_comment, is_active) "
            "VALUES (%s, %s, %s, %s, '{}', false, true) RETURNING id",
            row,
        )
        made = cursor.fetchone()[0]
        cursor.execute(NOTE, [run.pk, "opportunities.stage", made, made])


def refuse_unknown_stages(run: Any, pipeline: int | None, cursor: Any) -> None:
    """Where no new stages are wanted, a row that names one can't be taken: it would change the deal's stage in silence."""
    if not run.options.get("create_missing"):
        cursor.execute(_NO_STAGE.format(t=run.staging), [pipeline])


def lay_history(run: Any, values: dict[str, Any], cursor: Any) -> None:
    """Turn the moments in {t}_passed into states: the one open state an opportunity had becomes the last of those it went through.

    What that state was before is kept for the run, to be taken back. An opportunity that is in another stage by now than the last one told has been
    there since now: that is all one knows.
    """
    for statement in (_PATHS, _KEPT_STATES, _FIRST_OF_PATH, _REST_OF_PATH, _WHERE_IT_IS):
        cursor.execute(statement.format(t=run.staging), values)


NOTE: Final = "INSERT INTO imports_importedrecords (run_id, model, action, ids) VALUES (%s, %s, 'created', ARRAY[int8range(%s, %s, '[]')])"
_NO_STAGE: Final = """
    UPDATE {t} s SET reason = 'no_stage' WHERE s.reason IS NULL AND s.stage <> ''
    AND NOT EXISTS (SELECT FROM opportunities_stage g WHERE g.pipeline_id = %s AND lower(g.name) = lower(s.stage))
"""
# The open states each opportunity went through, one after another: without what lies in the future or behind its closing, and of equal moments one.
_PATHS: Final = """
    CREATE UNLOGGED TABLE {t}_path AS
    SELECT told.*, row_number() OVER walk AS place, lead(told.since) OVER walk AS until
    FROM (
        SELECT DISTINCT ON (p.opportunity_id, p.since) p.opportunity_id, one.id AS state_id, one.since AS was_since, one.until AS ends, p.since, g.id AS stage_id,
            coalesce(p.percentage, g.percentage) AS percentage, p.potential
        FROM {t}_passed p JOIN opportunities_opportunitystate one ON one.opportunity_id = p.opportunity_id AND one.status = 'open'
        JOIN opportunities_opportunity o ON o.id = p.opportunity_id
        JOIN opportunities_stage g ON g.pipeline_id = o.pipeline_id AND lower(g.name) = lower(p.stage)
        WHERE p.since < least(coalesce(one.until, now()), now()) ORDER BY p.opportunity_id, p.since, g.position DESC
    ) told WINDOW walk AS (PARTITION BY told.opportunity_id ORDER BY told.since)
"""
_KEPT_STATES: Final = """
    INSERT INTO imports_importedstate (run_id, state_id, opportunity_id, before)
    SELECT DISTINCT ON (s.id) %(run)s, s.id, s.opportunity_id, to_jsonb(s) FROM {t}_path p JOIN opportunities_opportunitystate s ON s.id = p.state_id
"""
# The state that was there becomes the first, the others follow it: written so, no two of them ever overlap.
_FIRST_OF_PATH: Final = """
    UPDATE opportunities_opportunitystate s SET since = least(p.since, s.since), until = coalesce(p.until, s.until), stage_id = p.stage_id,
        percentage = p.percentage, potential = coalesce(p.potential, s.potential),
        potential_company = company_value(coalesce(p.potential, s.potential), s.currency, least(p.since, s.since))
    FROM {t}_path p WHERE p.place = 1 AND s.id = p.state_id
"""
_REST_OF_PATH: Final = """
    WITH made AS (
        INSERT INTO opportunities_opportunitystate (opportunity_id, since, until, status, stage_id, percentage, potential, currency, potential_company,
            gross_profit_percent, forecast_category, predicted_close_on, owner_id, territory_id, source_id, industry_id, changed_by_id, comment)
        SELECT s.opportunity_id, p.since, coalesce(p.until, p.ends), 'open', p.stage_id, p.percentage, coalesce(p.potential, s.potential), s.currency,
            company_value(coalesce(p.potential, s.potential), s.currency, p.since), s.gross_profit_percent, s.forecast_category, s.predicted_close_on, s.owner_id, s.territory_id, s.source_id, s.industry_id, %(by)s, ''
        FROM {t}_path p JOIN opportunities_opportunitystate s ON s.id = p.state_id WHERE p.place > 1 RETURNING id
    ) """ + noted("opportunities.opportunitystate", "earlier")
# An open opportunity stands where its header says: the last state says so from its beginning if the stage is the same, else from now on.
_WHERE_IT_IS: Final = """
    WITH last AS (
        SELECT s.id, s.stage_id = o.stage_id AS agrees FROM {t}_path p JOIN opportunities_opportunity o ON o.id = p.opportunity_id AND o.status = 'open'
        JOIN opportunities_opportunitystate s ON s.opportunity_id = o.id AND s.until IS NULL AND s.status = 'open' WHERE p.until IS NULL
    ), agreed AS (
        UPDATE opportunities_opportunitystate s SET percentage = o.percentage, potential = o.potential, potential_company = o.potential_company FROM last, opportunities_opportunity o
        WHERE s.id = last.id AND last.agrees AND o.id = s.opportunity_id
    ), ended AS (
        UPDATE opportunities_opportunitystate s SET until = now() FROM last WHERE s.id = last.id AND NOT last.agrees RETURNING s.id, s.opportunity_id
    ), made AS (
        INSERT INTO opportunities_opportunitystate (opportunity_id, since, status, stage_id, percentage, potential, currency, potential_company, gross_profit_percent,
            forecast_category, predicted_close_on, owner_id, territory_id, source_id, industry_id, changed_by_id, comment)
        SELECT o.id, now(), o.status, o.stage_id, o.percentage, o.potential, o.currency, o.potential_company, o.gross_profit_percent, o.forecast_category, o.predicted_close_on, o.owner_id,
            o.territory_id, o.source_id, o.industry_id, %(by)s, '' FROM ended JOIN opportunities_opportunity o ON o.id = ended.opportunity_id RETURNING id
    ) """ + noted("opportunities.opportunitystate", "earlier")
