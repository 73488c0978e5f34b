"""Every report by its name through everything a report has: the same figures on the page, in files, on the terminal, in the API and in letters."""

import csv
import json
from contextlib import nullcontext
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from voronka.accounts.actions import issue_token
from voronka.analytics.reports import reports
from voronka.analytics.tests.test_pages import figures_with_links, histories, text
from voronka.cli.main import build
from voronka.partners.tests import make as partners

NAMES = (
    *(
        "pipeline",
        "forecast",
        "forecast-over-time",
        "statistics",
        "opportunities",
        "stage-analysis",
        "source-distribution",
    ),
    *("won", "lost", "my-open", "my-closed", "dynamic", "bridge", "inactive", "activities"),
)
# A report whose rows are days is asked for a few of them; the bridge for a stretch in which something happened.
STRETCHED = ("dynamic", "bridge")


@pytest.fixture
def seen(world, sign_in, time_machine):
    """What Bob, a head who has deals of his own, asks and how: (the person, their browser, the criteria of a report)."""
    idle = partners.partner(world.bob, name="Long silent")
    start = histories(world, time_machine)
    time_machine.move_to(timezone.now() + timedelta(days=200))
    idle.refresh_from_db()
    days = {
        "dynamic": {"from": start + timedelta(days=44), "to": start + timedelta(days=46)},
        "bridge": {"from": start + timedelta(days=10)},
    }

    def asked(name):
        return {key: str(moment.date()) for key, moment in days.get(name, {}).items()}

    return world.bob, sign_in(world.bob), asked


def exported(client, name, kind, query):
    return b"".join(client.get(f"/reports/{name}/", query | {"export": kind}))


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr("voronka.cli.commands.report.django_ready", nullcontext)

    def call(name, query, *more):
        criteria = [part for key, value in query.items() for part in (f"--{key}", value)]
        done = CliRunner().invoke(build(), ["report", name, "--user", "bob@example.com", *criteria, *more])
        assert done.exit_code == 0, done.exception
        return done.stdout_bytes

    return call


@pytest.mark.parametrize("name", NAMES)
def test_the_same_figures_everywhere(seen, terminal, name):
    bob, client, asked = seen
    query = asked(name)
    found = json.loads(exported(client, name, "json", query))
    assert found["rows"], "there is something to look at"
    rows = csv.DictReader(exported(client, name, "csv", query).decode("utf-8-sig").splitlines())
    assert len(list(rows)) == len(found["rows"])
    book = CalamineWorkbook.from_filelike(BytesIO(exported(client, name, "xlsx", query)))
    assert len(book.get_sheet_by_index(0).to_python()) == len(found["rows"]) + 1
    assert exported(client, name, "pdf", query).startswith(b"%PDF")
    key = {"Authorization": f"Bearer {issue_token(bob, 'test')[1]}"}
    since = {"since" if key == "from" else key: value for key, value in query.items()}
    told = client.get(f"/api/v1/reports/{name}", since, headers=key).json()
    printed = json.loads(terminal(name, query, "--json"))
    for other in (told, printed):
        assert (other["columns"], other["rows"], other["totals"]) == (found["columns"], found["rows"], found["totals"])
    assert len(terminal(name, query, "--format", "csv").splitlines()) == len(found["rows"]) + 1
    assert terminal(name, query, "--format", "xlsx").startswith(b"PK")
    assert terminal(name, query, "--format", "pdf").startswith(b"%PDF")
    assert terminal(name, query)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_pictures_groups_columns_print_and_letters(seen, name):
    bob, client, asked = seen
    report = reports[name]
    query = asked(name) | ({} if report.by or name in STRETCHED else {"by": report.dimensions[0]})
    for kind in report.charts:
        page = text(client.get(f"/reports/{name}/", query | {"chart": kind}))
        assert "data-print" in page
        assert "There is nothing to count here." not in page
        assert f'id="picture-options-{name}"' in page or name == "dynamic"
    columns = json.loads(exported(client, name, "json", query))["columns"]
    wanted = columns[-1]
    chosen = json.loads(exported(client, name, "json", query | {"columns": wanted}))["columns"]
    assert chosen[-1] == wanted
    assert len(chosen) <= len(columns)
    for kind in ("pdf", "csv", "xlsx"):
        (content, _type), words = report.letter(bob, "&".join(f"{key}={value}" for key, value in query.items()), kind)
        assert content
        assert words


@pytest.mark.parametrize("name", [name for name in NAMES if name != "dynamic"])
def test_two_levels_of_grouping(seen, name):
    _bob, client, asked = seen
    dimensions = list(reports[name].dimensions)
    for by, then in zip(dimensions, [*dimensions[1:], dimensions[0]], strict=True):
        found = json.loads(exported(client, name, "json", asked(name) | {"by": by, "then": then}))
        assert {by, then} <= {*found["columns"]}, (by, then)
        plain = json.loads(exported(client, name, "json", asked(name)))
        assert found["totals"] == plain["totals"], (by, then)


@pytest.mark.parametrize("query", [{}, {"category": "best"}, {"by": "source"}])
def test_a_frame_opens_the_deals_of_its_day(seen, query):
    _bob, client, asked = seen
    page = text(client.get("/reports/dynamic/", asked("dynamic") | query))
    links = list(figures_with_links(page))
    for words, href in links:
        totals = json.loads(text(client.get(f"{href}&export=json")))["totals"]
        bare = words.replace("\u00a0", "").replace(",", "").replace("₽", "").strip()
        assert bare in {
            str(totals["count"]),
            *(str(value).removesuffix(".00") for value in totals.values()),
            *map(str, totals.values()),
        }
    assert links or "category" in query
