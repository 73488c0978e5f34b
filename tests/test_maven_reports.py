"""Every report against figures counted from the files of a real data set by plain Python. Skipped where the shared data are absent."""

import calendar
import csv
import itertools
from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from voronka.accounts.tests import make as people
from voronka.analytics.forms import Criteria
from voronka.analytics.reports import run
from voronka.imports.tests.make import SHARED, run_of
from voronka.opportunities.models import Opportunity

MAVEN = SHARED / "maven_crm"
pytestmark = pytest.mark.skipif(not MAVEN.is_dir(), reason="the shared data sets are not here")
TENTH = Decimal("0.1")
ENDS = [date(2017, month, calendar.monthrange(2017, month)[1]) for month in range(1, 13)]


class Deal:
    """A row of the file: opened, closed, won, lost or open."""

    def __init__(self, row):
        self.agent, self.stage = row["sales_agent"], row["deal_stage"]
        self.status = {"Won": "won", "Lost": "lost"}.get(self.stage, "open")
        self.opened = date.fromisoformat(row["engage_date"]) if row["engage_date"] else None
        self.closed = date.fromisoformat(row["close_date"]) if row["close_date"] else None
        self.value = Decimal(row["close_value"] or 0)

    def status_on(self, day):
        """What it was at the end of a day, None before it was opened."""
        if self.opened is None or self.opened > day:
            return None
        return self.status if self.closed and self.closed <= day else "open"


@pytest.fixture
def deals():
    with (MAVEN / "sales_pipeline.csv").open() as file:
        return [Deal(row) for row in csv.DictReader(file)]


@pytest.fixture
def boss(world, deals):
    """The data brought in by Dana, each agent being a colleague of that name."""
    Opportunity.objects.all().delete()
    for agent in sorted({deal.agent for deal in deals}):
        people.user(agent)
    run_of(MAVEN / "accounts.csv", world.dana)
    assert run_of(MAVEN / "sales_pipeline.csv", world.dana, without_partner="placeholder").created == 8800
    return world.dana


def rows_of(slug, user, **asked):
    result = run(slug, user, Criteria(**asked))
    return list(result.rows), result.totals


def test_reports_of_today(boss, deals):
    by_stage = Counter(deal.stage for deal in deals if deal.status == "open")
    rows, totals = rows_of("pipeline", boss)
    assert {row["stage"]: row["count"] for row in rows if row["count"]} == by_stage
    assert totals["count"] == 2089

    by_agent = Counter((deal.agent, deal.status) for deal in deals)
    won_by_agent = defaultdict(Decimal)
    for deal in deals:
        won_by_agent[deal.agent] += deal.value if deal.status == "won" else 0
    rows, _totals = rows_of("statistics", boss)
    assert {row["salesperson"] for row in rows} == {agent for agent, _status in by_agent}
    for row in rows:
        agent = row["salesperson"]
        open_, won, lost = (by_agent[agent, status] for status in ("open", "won", "lost"))
        assert (row["open"], row["won"], row["lost"], row["closed"]) == (open_, won, lost, won + lost)
        assert row["won_amount"] == won_by_agent[agent]
        assert row["success"] == (Decimal(100 * won) / (won + lost)).quantize(TENTH, ROUND_HALF_UP)


def test_won_and_lost_by_month_and_agent(boss, deals):
    expected = defaultdict(lambda: [0, Decimal(0), 0])
    for deal in deals:
        if deal.closed:
            cell = expected[deal.closed.replace(day=1), deal.agent]
            cell[0] += deal.status == "won"
            cell[1] += deal.value if deal.status == "won" else 0
            cell[2] += deal.status == "lost"
    rows, totals = rows_of("forecast-over-time", boss, by="salesperson", last=date(2017, 12, 31))
    found = {(r["period"].value, r["salesperson"]): [r["won"], r["won_amount"], r["lost"]] for r in rows if r["closed"]}
    assert found == dict(expected)
    assert (totals["won"], totals["lost"]) == (4238, 2473)
    rows, totals = rows_of("lost", boss, by="salesperson", then="month")
    assert totals["count"] == len(rows) == 2473


def test_days_to_close(boss, deals):
    won = [deal for deal in deals if deal.status == "won"]
    days = [(deal.closed - deal.opened).days for deal in won]
    rows, totals = rows_of("won", boss)
    assert {row["range"].value: row["count"] for row in rows} == Counter(number // 30 * 30 for number in days)
    assert totals["average_days"] == (Decimal(sum(days)) / len(days)).quantize(TENTH, ROUND_HALF_UP)
    assert totals["amount"] == sum(deal.value for deal in won)
    by_agent = defaultdict(list)
    for deal, number in zip(won, days, strict=True):
        by_agent[deal.agent].append(number)
    rows, _totals = rows_of("won", boss, by="salesperson", bucket=3650)
    means = {agent: (Decimal(sum(n)) / len(n)).quantize(TENTH, ROUND_HALF_UP) for agent, n in by_agent.items()}
    assert {row["salesperson"]: row["average_days"] for row in rows} == means


def test_twelve_month_ends(boss, deals):
    for day in ENDS:
        then = Counter(deal.status_on(day) for deal in deals)
        _rows, totals = rows_of("pipeline", boss, as_of=day)
        assert totals["count"] == then["open"], day
        assert totals["potential"] == sum(deal.value for deal in deals if deal.status_on(day) == "open")
        rows, _totals = rows_of("statistics", boss, as_of=day, by="industry")
        assert [sum(row[status] for row in rows) for status in ("open", "won", "lost")] == [
            then[status] for status in ("open", "won", "lost")
        ]
        assert rows_of("opportunities", boss, as_of=day, status="won")[1]["count"] == then["won"]
    frames, _totals = rows_of("dynamic", boss, first=ENDS[0], last=ENDS[-1], period="month")
    counts = defaultdict(int)
    for row in frames:
        counts[row["frame"].value] += row["count"] if row["stage_id"] else 0
    assert counts == {day: sum(deal.status_on(day) == "open" for deal in deals) for day in ENDS}


def test_bridges_from_month_end_to_month_end(boss, deals):
    for first, last in itertools.pairwise(ENDS):
        rows, _totals = rows_of("bridge", boss, first=first, as_of=last)
        found = {row["step"].value: row["count"] for row in rows}
        pairs = Counter((deal.status_on(first), deal.status_on(last)) for deal in deals)
        assert found["new"] == pairs[None, "open"]
        assert -found["won"] == pairs["open", "won"]
        assert -found["lost"] == pairs["open", "lost"]
        assert found["start"] == sum(n for (before, _after), n in pairs.items() if before == "open")
        assert found["end"] == sum(n for (_before, after), n in pairs.items() if after == "open")


def test_stages_and_sources(boss, deals):
    rows, totals = rows_of("stage-analysis", boss)
    assert (totals["concluded"], totals["won"]) == (6711, 4238)
    engaging = next(row for row in rows if row["stage"] == "Engaging")
    assert (engaging["concluded"], engaging["won"], engaging["actual"]) == (6711, 4238, Decimal("63.2"))
    opened = Counter(deal.opened.replace(day=1) for deal in deals if deal.opened)
    won = Counter(deal.opened.replace(day=1) for deal in deals if deal.status == "won")
    rows, _totals = rows_of("source-distribution", boss, last=date(2017, 12, 31))
    assert {row["period"].value: row["deals"] for row in rows if row["deals"]} == opened
    assert {row["period"].value: row["won"] for row in rows if row["won"]} == won
