"""The pages: one for all reports, the deals behind a figure, the files, and my day."""

import itertools
import json
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import lxml.html
import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from voronka.accounts.tests import make as people
from voronka.activities.actions import write_note
from voronka.activities.tests import make as activities
from voronka.core import actions as kernel
from voronka.core.money import money_text
from voronka.opportunities import actions
from voronka.opportunities.tests import make
from voronka.partners.models import Source
from voronka.partners.tests import make as partners

REPORTS = ("pipeline", "forecast-over-time")
OF_OPEN_DEALS = (*REPORTS, "forecast", "statistics", "opportunities", "my-open", "bridge", "dynamic")
OTHERS = (
    "forecast-accuracy",
    "won",
    "lost",
    "my-closed",
    "stage-analysis",
    "source-distribution",
    "inactive",
    "activities",
)


@pytest.mark.parametrize("slug", ["pipeline", "opportunities", "bridge", "stage-analysis", "dynamic", "lost"])
def test_a_partner_is_chosen_by_searching_and_its_figures_lead_to_its_deals(world, sign_in, slug):
    own = make.opportunity(world.charlie, 700)
    make.opportunity(world.charlie, 50, partner=partners.partner(world.charlie, "Another"))
    client = sign_in(world.charlie)
    page = lxml.html.fromstring(client.get(f"/reports/{slug}/?partner={own.partner_id}").content)
    (select,) = page.xpath("//select[@name='partner']")
    assert select.get("data-picker") == "/partners/options/"
    assert [one.text for one in select.xpath("option[@selected]")] == [own.partner.name]
    assert not page.xpath("//form[@class='criteria']/input[@name='partner']")
    if slug in ("pipeline", "opportunities", "bridge"):
        assert "700" in page.text_content()
        assert "750" not in page.text_content()
    if slug == "pipeline":
        (link,) = {one.get("href") for one in page.xpath("//tbody//a") if "status=open" in one.get("href")}
        assert f"partner={own.partner_id}" in link
    stranger = lxml.html.fromstring(sign_in(world.alice).get(f"/reports/{slug}/?partner={own.partner_id}").content)
    assert own.partner.name not in stranger.text_content()


def test_a_list_without_groups_draws_its_largest_deals_and_opens_them(world, sign_in):
    made = [make.opportunity(world.charlie, 100 * number, name=f"Deal {number}") for number in range(1, 13)]
    page = lxml.html.fromstring(sign_in(world.charlie).get("/reports/opportunities/").content)
    options = json.loads(page.get_element_by_id("picture-options-opportunities").text)
    assert options["yAxis"]["data"] == [f"Deal {number}" for number in range(12, 2, -1)]
    assert options["series"][0]["data"][0]["href"] == made[-1].get_absolute_url()
    assert [one.get("value") for one in page.xpath("//select[@name='measure']/option")] == ["potential", "weighted"]
    assert [one.get("value") for one in page.xpath("//select[@name='chart']/option")] == ["bars"]
    assert "Split the list" in page.text_content()
    grouped = sign_in(world.charlie).get("/reports/opportunities/?columns=stage").content.decode()
    assert "picture-options" not in grouped


def text(answer):
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8-sig")


@pytest.mark.parametrize("slug", REPORTS)
@pytest.mark.parametrize(
    "query", ["", "?by=salesperson", "?by=source&chart=lines&period=quarter", "?chart=bars&measure=count"]
)
def test_a_report_shows_its_table_and_its_picture(world, sign_in, slug, query):
    page = text(sign_in(world.alice).get(f"/reports/{slug}/{query}"))
    assert "250,000" in page
    assert f'id="picture-options-{slug}"' in page


def test_the_page_tells_what_was_not_understood_and_keeps_the_rest(world, sign_in):
    answer = sign_in(world.alice).get("/reports/pipeline/?as_of=2150-01-01&by=source")
    assert answer.status_code == 422
    assert "lies in the future" in text(answer)
    assert '<option value="source" selected>' in text(answer)


@pytest.mark.parametrize("slug", REPORTS)
def test_nothing_to_count_says_what_to_do(world, sign_in, slug):
    page = text(sign_in(world.charlie).get(f"/reports/{slug}/"))
    assert "There is nothing to count here." in page
    assert "/opportunities/" in page


def test_each_figure_opens_the_list_behind_it(world, sign_in):
    page = text(sign_in(world.alice).get("/reports/pipeline/"))
    stage = world.stages[0].pk
    assert f'href="/reports/opportunities/?status=open&amp;stage={stage}"' in page
    page = text(sign_in(world.alice).get("/reports/forecast-over-time/"))
    assert "status=open" in page


def histories(world, time_machine):
    """Deals won, lost, reopened, moved, handed over and deleted in three months, of two owners and two sources; returns the first moment."""
    start = timezone.now()
    fair = Source.objects.create(name="Fair")
    deals = [
        make.opportunity((world.alice, world.bob, world.charlie)[n % 3], 1000 * n + 500, partner=world.partner, stage=world.stages[n % 4], source=fair if n % 2 else None)
        for n in range(12)
    ]  # fmt: skip
    time_machine.move_to(start + timedelta(days=20))
    for deal in deals[:3]:
        actions.win(deal, by=world.dana)
    for deal in deals[3:5]:
        actions.lose(deal, reasons=[make.reason()], comment="Too dear", by=world.dana)
    write_note(world.partner, "They want blue ones", opportunity=deals[3], by=world.alice)
    time_machine.move_to(start + timedelta(days=45))
    actions.reopen(deals[0], by=world.dana)
    actions.move_to_stage(deals[5], world.stages[3], by=world.dana)
    actions.change(deals[6], potential=1, by=world.dana)
    actions.change(deals[7], potential=99999, percentage=5, by=world.dana)
    actions.change(deals[8], owner=world.alice, by=world.dana)
    make.opportunity(world.alice, 77, partner=world.partner)
    kernel.delete(deals[9], by=world.dana)
    time_machine.move_to(start + timedelta(days=50))
    return start


def figures_with_links(page):
    """(words, address) of every figure of the table that leads somewhere."""
    for cell in lxml.html.fromstring(page).xpath("//tbody//td[contains(@class, 'num')]/a"):
        yield cell.text_content(), cell.get("href")


@pytest.mark.parametrize("slug", [slug for slug in (*OF_OPEN_DEALS, *OTHERS) if slug != "dynamic"])
def test_a_list_behind_a_figure_adds_up_to_it(world, sign_in, time_machine, slug):
    start = histories(world, time_machine)
    queries = [{}, {"by": "source"}, {"then": "salesperson", "as_of": str((start + timedelta(days=30)).date())}]
    queries += [{"bucket": "7", "dated": "predicted", "expired": "1", "by": "salesperson"}]
    for query, person in itertools.product(queries, (world.bob, world.dana)):
        if slug == "bridge":
            query = query | {"from": str(start.date() - timedelta(days="as_of" not in query))}
        answer = sign_in(person).get(f"/reports/{slug}/", query)
        if answer.status_code == 422 and "can be grouped by" in text(answer):
            continue
        assert answer.status_code == 200, text(answer)
        for words, href in list(figures_with_links(text(answer)))[:: 4 if query else 1]:
            totals = json.loads(text(sign_in(person).get(f"{href}&export=json")))["totals"]
            amounts = {money_text(abs(Decimal(str(value)))) for value in totals.values() if value is not None}
            bare = words.replace("\u00a0", "").replace("₽", "").lstrip("-")
            assert bare in amounts | {str(totals.get("count"))}, f"{query}: {href} gives {totals}, not {words}"


def test_a_figure_of_the_past_opens_the_deals_as_they_were(world, sign_in, time_machine):
    today = timezone.localdate()
    time_machine.move_to(timezone.now() + timedelta(days=3))
    actions.change(world.opportunity, potential=7, owner=world.charlie, by=world.dana)
    query = f"as_of={today}&stage={world.stages[0].pk}&status=open"
    page = text(sign_in(world.alice).get(f"/reports/pipeline/?as_of={today}"))
    assert f"stage={world.stages[0].pk}&amp;as_of={today}" in page
    page = text(sign_in(world.alice).get(f"/reports/opportunities/?{query}"))
    assert "250,000" in page
    assert "Office chairs" not in page, "what became of a deal after it was handed over is not told"
    page = text(sign_in(world.dana).get(f"/reports/opportunities/?{query}"))
    assert "Office chairs" in page
    page = text(sign_in(world.charlie).get(f"/reports/opportunities/?{query}"))
    assert "There is nothing to count here." in page


def test_deals_without_a_source_have_a_list_too(world, sign_in):
    make.opportunity(world.alice, 5, source=Source.objects.create(name="Fair"), name="From the fair")
    page = text(sign_in(world.alice).get("/reports/pipeline/?by=source"))
    assert "source=none" in page
    page = text(sign_in(world.alice).get("/reports/opportunities/?source=none&status=open"))
    assert "Office chairs" in page
    assert "From the fair" not in page


@pytest.mark.parametrize("slug", OF_OPEN_DEALS)
def test_a_report_as_files(world, sign_in, slug):
    client = sign_in(world.alice)
    assert "250000" in text(client.get(f"/reports/{slug}/?export=csv"))
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(client.get(f"/reports/{slug}/?export=xlsx"))))
    assert 250000.0 in [value for row in book.get_sheet_by_index(0).to_python() for value in row]
    answer = json.loads(text(client.get(f"/reports/{slug}/?export=json")))
    assert answer["report"] == slug
    assert {key for row in answer["rows"] for key in row} == set(answer["columns"])
    assert b"".join(client.get(f"/reports/{slug}/?export=pdf")).startswith(b"%PDF")
    assert client.get(f"/reports/{slug}/?export=doc").status_code == 404


def test_a_name_that_looks_like_a_formula_stays_a_name(world, sign_in):
    make.opportunity(world.alice, 5, source=Source.objects.create(name="=1+1"))
    assert "'=1+1" in text(sign_in(world.alice).get("/reports/pipeline/?by=source&export=csv"))


def test_a_role_without_reports_sees_neither_them_nor_their_files(world, sign_in):
    client = sign_in(people.user("Fred", "service-engineer"))
    for address in (
        "/reports/",
        "/reports/pipeline/",
        "/reports/opportunities/?status=open",
        "/reports/pipeline/?export=csv",
    ):
        assert client.get(address).status_code == 403
    assert client.get("/").status_code == 200


def test_an_unknown_report_is_not_there(world, sign_in):
    assert sign_in(world.dana).get("/reports/horoscope/").status_code == 404


def tile(client, slug):
    return client.get(f"/tiles/{slug}/", headers={"HX-Request": "true"})


def told(client, slug):
    """The deals of a tile: by name, or (name, days)."""
    return [
        (str(one[0]), one[1]) if isinstance(one, tuple) else str(one) for one in tile(client, slug).context["deals"]
    ]


def test_my_day_shows_what_closes_what_is_silent_and_what_was_won(world, sign_in, time_machine):
    time_machine.move_to(timezone.now() + timedelta(days=20))
    lately = make.opportunity(world.alice, 111, partner=world.partner, name="Just told")
    won = make.opportunity(world.alice, 4400, partner=world.partner, name="Carpets")
    actions.win(won, by=world.alice)
    write_note(world.partner, "They want blue ones", opportunity=lately, by=world.alice)
    client = sign_in(world.alice)
    standing = client.get("/").context["standing"]
    assert (standing["came"], standing["number"]) == (4400, 2)
    assert told(client, "silent") == [("Office chairs", 20)]
    assert told(client, "closing") == ["Office chairs"]
    assert tile(client, "funnel").context["number"] == 2
    assert told(client, "no-step") == ["Office chairs", "Just told"]
    activities.planned(world.alice, opportunity=world.opportunity, partner=world.partner)
    assert told(client, "no-step") == ["Just told"]
    write_note(world.partner, "Called again", opportunity=world.opportunity, by=world.alice)
    assert told(client, "silent") == []
    assert "Nothing is due" in text(tile(sign_in(world.charlie), "closing"))


@pytest.mark.parametrize("slug", ["silent", "no-step"])
def test_more_of_a_tile_are_the_deals_of_the_tile(world, sign_in, time_machine, slug):
    planned = make.opportunity(world.alice, 5, partner=world.partner, name="Planned and told")
    activities.planned(world.alice, opportunity=planned, partner=world.partner)
    actions.win(make.opportunity(world.alice, 4400, partner=world.partner, name="Carpets"), by=world.alice)
    time_machine.move_to(timezone.now() + timedelta(days=30))
    write_note(world.partner, "They want blue ones", opportunity=planned, by=world.alice)
    client = sign_in(world.alice)
    shown = tile(client, slug)
    assert "Office chairs" in text(shown)
    page = text(client.get(shown.context["more"]))
    assert "Office chairs" in page
    assert "Planned and told" not in page
    assert "Carpets" not in page


def test_the_head_sees_the_team(world, sign_in):
    actions.win(make.opportunity(world.alice, 4400), by=world.alice)
    actions.win(make.opportunity(world.charlie, 9), by=world.charlie)
    names = lambda client: [row["owner__name"] for row in tile(client, "won").context["rows"]]  # noqa: E731
    assert names(sign_in(world.bob)) == ["Alice"]
    assert "Funnel of the team" in text(sign_in(world.bob).get("/"))
    assert "My funnel" in text(sign_in(world.alice).get("/"))
    assert names(sign_in(world.dana)) == ["Alice", "Charlie"]
