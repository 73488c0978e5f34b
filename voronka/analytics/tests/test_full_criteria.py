"""What is asked of a deal's partner, of what hangs on it and of who opened it: in every report, today and as of a past day, against plain Python."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import lxml.html
import pytest
from django.utils import timezone

from voronka.accounts.actions import issue_token
from voronka.accounts.models import User
from voronka.activities.actions import write_note
from voronka.analytics.forms import NOT_SET, Criteria
from voronka.analytics.reports import reports, run
from voronka.analytics.tests.test_every_report import STRETCHED
from voronka.analytics.tests.test_histories import assert_frames_are_true, bridged, reported_bridge
from voronka.analytics.tests.test_pages import figures_with_links, text
from voronka.core import actions as kernel
from voronka.core.money import money_text
from voronka.opportunities import actions
from voronka.opportunities.models import Competitor, DealCompetitor, DealPartner, Opportunity, Relationship
from voronka.opportunities.tests import make
from voronka.partners.models import Tag
from voronka.partners.tests import make as partners


@dataclass
class Deal:
    """One opportunity as plain Python remembers it: what never changes, and what it was when it was written down."""

    opener: str
    code: str
    tags: set = field(default_factory=set)
    rivals: set = field(default_factory=set)
    others: set = field(default_factory=set)
    owner: str = ""
    status: str = "open"
    potential: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)


@pytest.fixture
def story(world, time_machine):
    """Twelve deals at four partners in fifty days: won, lost, reopened, moved, handed over, deleted. `criteria` by name, `fits` says in plain Python
    which deals each means; `then` and `now` are what the deals were on the twentieth day and are, `ended` whose stays in a stage ended.
    """
    start = timezone.now()
    kernel.delete(world.opportunity, by=world.dana)
    important, cold = (Tag.objects.create(name=name) for name in ("important", "cold"))
    rivals = {name: Competitor.objects.create(name=name) for name in ("Acme", "Globex")}
    kinds = [Relationship.objects.create(name=name) for name in ("architect", "lender")]
    others = {name: partners.partner(world.dana, name) for name in ("Architects", "Bank")}
    places = [partners.partner(world.alice, f"Partner {n}") for n in range(4)]
    for place, own in zip(places, ([important, cold], [important], [cold], []), strict=True):
        place.tags.set(own)
    first, last = places[1].code, places[2].code
    rows, plain = [], {}
    for n in range(12):
        owner, partner = (world.alice, world.bob, world.charlie)[n % 3], places[n % 4]
        row = make.opportunity(owner, 1000 * n + 500, partner, world.stages[n % 3])
        deal = Deal(owner.name, partner.code, {tag.name for tag in partner.tags.all()})
        for name in [*(["Acme"] if n % 3 == 0 else []), *(["Acme", "Globex"] if n % 4 == 1 else [])]:
            DealCompetitor.objects.get_or_create(opportunity=row, competitor=rivals[name])
            deal.rivals.add(name)
        for name in [*(["Architects"] * 2 if n % 2 else []), *(["Bank"] if n % 5 == 0 else [])]:
            DealPartner.objects.create(opportunity=row, partner=others[name], relationship=kinds[len(deal.others)])
            deal.others.add(name)
        rows.append(row)
        plain[row.pk] = deal
        write_note(partner, f"Note {n}", opportunity=row, by=owner)
    time_machine.move_to(start + timedelta(days=20))
    for row in rows[:3]:
        actions.win(row, by=world.dana)
    for row in rows[3:6]:
        actions.lose(row, reasons=[make.reason()], by=world.dana)
    then = written(plain)
    time_machine.move_to(start + timedelta(days=45))
    actions.reopen(rows[0], by=world.dana)
    actions.move_to_stage(rows[6], world.stages[3], by=world.dana)
    actions.move_to_stage(rows[7], world.stages[3], by=world.dana)
    actions.change(rows[8], potential=1, by=world.dana)
    actions.change(rows[9], owner=world.bob, potential=77777, by=world.dana)
    actions.change(rows[10], owner=world.alice, by=world.dana)
    kernel.delete(rows[11], by=world.dana)
    time_machine.move_to(start + timedelta(days=50))
    criteria = {
        "tag": {"tag": important.pk}, "no-tag": {"tag": NOT_SET}, "competitor": {"competitor": rivals["Acme"].pk},
        "no-competitor": {"competitor": NOT_SET}, "also": {"also": others["Architects"].pk}, "opener": {"opener": world.alice.pk},
        "codes": {"ranges": (("code_from", first), ("code_to", last))}, "codes-and-tag": {"ranges": (("code_to", last),), "tag": important.pk},
    }  # fmt: skip
    fits = {
        "tag": lambda deal: "important" in deal.tags,
        "no-tag": lambda deal: not deal.tags,
        "competitor": lambda deal: "Acme" in deal.rivals,
        "no-competitor": lambda deal: not deal.rivals,
        "also": lambda deal: "Architects" in deal.others,
        "opener": lambda deal: deal.opener == "Alice",
        "codes": lambda deal: first <= deal.code <= last,
        "codes-and-tag": lambda deal: "important" in deal.tags and deal.code <= last,
    }
    return SimpleNamespace(
        criteria=criteria, fits=fits, plain=plain, then=then, now=written(plain), day=(start + timedelta(days=20)).date(), rows=rows,
        ended=[row.pk for row in rows[:8]], start=start, places=places, others=others, rivals=rivals, tag=important, **vars(world),
    )  # fmt: skip


def written(plain):
    """What the deals are now, by number."""
    found = {}
    for row in Opportunity.objects.filter(deleted_at__isnull=True, pk__in=plain).select_related("owner"):
        now = {
            "owner": row.owner.name,
            "status": row.status,
            "potential": row.potential,
            "weighted": row.weighted_company,
        }
        found[row.pk] = Deal(**vars(plain[row.pk]) | now)
    return found


def number(deals, *statuses):
    return sum(deal.status in statuses for deal in deals)


# Of each report what plain Python says of the deals that fit: keys of the totals -> figures; `mine` are Bob's.
COUNTS = {
    "pipeline": lambda deals, mine: {"count": number(deals, "open"), "potential": amount(deals, "open"), "weighted": amount(deals, "open", of="weighted")},
    "forecast": lambda deals, mine: {"count": number(deals, "open"), "potential": amount(deals, "open")},
    "forecast-over-time": lambda deals, mine: {"open": number(deals, "open"), "won": number(deals, "won"), "lost_amount": amount(deals, "lost")},
    "statistics": lambda deals, mine: {"total": len(deals), "open": number(deals, "open"), "won": number(deals, "won"), "lost": number(deals, "lost")},
    "opportunities": lambda deals, mine: {"count": len(deals), "potential": amount(deals, "open", "won", "lost")},
    "stage-analysis": lambda deals, mine: {"concluded": number(deals, "won", "lost"), "won": number(deals, "won")},
    "source-distribution": lambda deals, mine: {"deals": len(deals), "won": number(deals, "won")},
    "won": lambda deals, mine: {"count": number(deals, "won"), "amount": amount(deals, "won")},
    "lost": lambda deals, mine: {"count": number(deals, "lost"), "potential": amount(deals, "lost")},
    "my-open": lambda deals, mine: {"count": number(mine, "open"), "potential": amount(mine, "open")},
    "my-closed": lambda deals, mine: {"count": number(mine, "won", "lost")},
    "dynamic": lambda deals, mine: {"count": number(deals, "open"), "potential": amount(deals, "open")},
    "bridge": lambda deals, mine: {"count": number(deals, "open"), "potential": amount(deals, "open")},
}  # fmt: skip


def amount(deals, *statuses, of="potential"):
    return sum((getattr(deal, of) for deal in deals if deal.status in statuses), Decimal(0))


@pytest.mark.parametrize("slug", COUNTS)
def test_every_report_counts_what_plain_python_counts(story, slug):
    whose = story.bob if slug.startswith("my-") else story.dana
    for name, asked in story.criteria.items():
        for as_of, deals in ((None, story.now), (story.day, story.then)):
            fitting = [deal for deal in deals.values() if story.fits[name](deal)]
            mine = [deal for deal in fitting if deal.owner == "Bob"]
            first = story.start.date() - timedelta(days=1) if slug in ("bridge", "dynamic") else None
            totals = run(slug, whose, Criteria(as_of=as_of, first=first, **asked)).totals
            expected = COUNTS[slug](fitting, mine)
            assert {key: totals.get(key, 0) for key in expected} == expected, (name, as_of)
            assert fitting, "there is something to count"


def test_groups_and_days_beside_them_multiply_nothing(story):
    for name, asked in story.criteria.items():
        fitting = {pk for pk, deal in story.now.items() if story.fits[name](deal)}
        result = run("opportunities", story.dana, Criteria(by="partner", then="month", **asked))
        assert sorted(row["pk"] for row in result.rows) == sorted(fitting), name
        assert sum(group.values["count"] for group in result.groups) == len(fitting)


def test_stays_are_those_of_deals_that_fit(story):
    for name, asked in story.criteria.items():
        listed = run("conversion", story.dana, Criteria(move="ended", **asked))
        expected = [pk for pk in story.ended if story.fits[name](story.plain[pk])]
        assert sorted(row["pk"] for row in listed.rows) == expected, name
        counted = run("conversion", story.dana, Criteria(**asked))
        assert counted.totals.get("ended", 0) == len(expected)


def test_the_bridge_is_exact_and_nothing_moves_in_or_out_by_them(story):
    for name, asked in story.criteria.items():
        before, after = (
            {pk: deal for pk, deal in deals.items() if story.fits[name](deal)} for deals in (story.then, story.now)
        )
        found = reported_bridge(story.dana, story.day, None, **asked)
        assert found == bridged(before, after), name
        assert "moved-in" not in found
        assert found.get("moved-out", (0,))[0] == -len({*before} - {*after}), "only into the bin"


def test_the_film_shows_the_funnel_of_each_day(story):
    for asked in story.criteria.values():
        assert_frames_are_true(story.dana, story.start.date(), "week", bridges=True, **asked)


@pytest.mark.parametrize("slug", [*COUNTS, "conversion"])
def test_the_list_behind_a_figure_is_exactly_its_deals(story, sign_in, slug):
    client = sign_in(story.bob)
    more = {"category": {"category": "best"}} if slug == "dynamic" else {}
    for name, asked in (story.criteria | more).items():
        days = {"from": str(story.start.date()), "period": "week"} if slug in STRETCHED else {"as_of": str(story.day)}
        page = text(client.get(f"/reports/{slug}/?{Criteria(**asked).query(**days)}"))
        for words, href in list(figures_with_links(page))[::3]:
            totals = json.loads(text(client.get(f"{href}&export=json")))["totals"]
            amounts = {money_text(abs(Decimal(str(value)))) for value in totals.values() if value is not None}
            bare = words.replace("\u00a0", "").replace("₽", "").lstrip("-").strip()
            assert bare in amounts | {str(totals.get("count"))}, f"{name}: {href} gives {totals}, not {words}"


def test_partners_are_narrowed_by_tag_and_code(story, time_machine):
    names = lambda slug, key, **asked: sorted(  # noqa: E731
        {str(row[key]) for row in run(slug, story.dana, Criteria(bucket=100, **asked)).rows}
    )
    time_machine.move_to(story.start + timedelta(days=500))
    for row in story.rows:
        row.refresh_from_db()
        if row.status == "open" and row.deleted_at is None:
            actions.win(row, by=story.dana)
    time_machine.move_to(story.start + timedelta(days=700))
    for as_of in (None, timezone.localdate() - timedelta(days=5)):
        for slug, key in (("inactive", "name"), ("activities", "partner")):
            assert names(slug, key, as_of=as_of, tag=story.tag.pk) == ["Partner 0", "Partner 1"]
            assert names(slug, key, as_of=as_of, **story.criteria["codes"]) == ["Partner 1", "Partner 2"]
            assert names(slug, key, as_of=as_of, **story.criteria["codes-and-tag"]) == ["Partner 0", "Partner 1"]
            without = names(slug, key, as_of=as_of, tag=NOT_SET)
            assert "Partner 3" in without
            assert not {"Partner 0", "Partner 1", "Partner 2"} & {*without}
        leads = run("source-distribution", story.dana, Criteria(as_of=as_of, tag=story.tag.pk)).totals["leads"]
        assert leads == 2


def test_a_tag_of_a_partner_one_may_not_see_is_told_by_no_activity(story):
    hidden = partners.partner(story.charlie, "Hidden")
    hidden.tags.add(story.tag)
    write_note(hidden, "Said at the hidden one", by=story.charlie)
    note = lambda user: run("activities", user, Criteria(tag=story.tag.pk)).rows  # noqa: E731
    assert "Hidden" in {row["partner"] for row in note(story.dana)}
    assert "Hidden" not in {row["partner"] for row in note(story.alice)}


def test_what_others_do_with_a_deal_handed_over_is_not_told(story, time_machine):
    """Alice's report of the past shows her deal of then; a competitor named by whom it was given to is theirs."""
    deal = make.opportunity(story.alice, 123456, story.places[0])
    day = timezone.localdate()
    time_machine.move_to(timezone.now() + timedelta(days=2))
    actions.change(deal, owner=story.charlie, by=story.dana)
    DealCompetitor.objects.create(opportunity=deal, competitor=story.rivals["Globex"])
    DealPartner.objects.create(opportunity=deal, partner=story.others["Bank"])
    shown = lambda user, **asked: {row["pk"] for row in run("opportunities", user, Criteria(as_of=day, **asked)).rows}  # noqa: E731
    assert deal.pk in shown(story.alice)
    for asked in ({"competitor": story.rivals["Globex"].pk}, {"also": story.others["Bank"].pk}):
        assert deal.pk not in shown(story.alice, **asked)
        assert deal.pk in shown(story.dana, **asked)
    assert deal.pk in shown(story.alice, competitor=NOT_SET)
    assert deal.pk not in shown(story.dana, competitor=NOT_SET)


def test_they_only_narrow_what_one_sees(story):
    for name, asked in story.criteria.items():
        hers = {pk for pk, deal in story.now.items() if story.fits[name](deal) and deal.owner == "Alice"}
        assert {row["pk"] for row in run("opportunities", story.alice, Criteria(**asked)).rows} == hers
        assert {row["pk"] for row in run("opportunities", story.alice, Criteria(**asked)).rows} <= {
            row["pk"] for row in run("opportunities", story.alice, Criteria()).rows
        }


def bar(client, query=""):
    return lxml.html.fromstring(client.get(f"/reports/opportunities/?{query}").content).xpath("//form[@data-criteria]")[
        0
    ]


def test_the_filter_bar_offers_them_and_keeps_what_is_chosen(story, sign_in):
    client = sign_in(story.dana)
    codes = f"code_from={story.places[1].code.lower()}&code_to={story.places[2].code}"
    form = bar(
        client, f"tag={story.tag.pk}&competitor=none&also={story.others['Bank'].pk}&opener={story.bob.pk}&{codes}"
    )
    chosen = {
        name: form.xpath(f".//select[@name='{name}']/option[@selected]")[0].text
        for name in ("tag", "competitor", "also", "opener")
    }
    assert chosen == {"tag": "important", "competitor": "Not set", "also": "Bank", "opener": "Bob"}
    assert form.xpath(".//input[@name='code_from']/@value") == [story.places[1].code.lower()]
    assert form.xpath(".//summary/span[@class='badge bg-primary text-primary-fg']")[0].text == "6"
    for slug in ("inactive", "activities"):
        page = lxml.html.fromstring(client.get(f"/reports/{slug}/").content)
        assert page.xpath("//select[@name='tag']")
        assert page.xpath("//input[@name='code_to']")
        assert not page.xpath("//select[@name='competitor' or @name='also' or @name='opener']")


def test_who_opened_a_deal_may_have_left(story, sign_in):
    client = sign_in(story.dana)
    User.objects.filter(pk=story.alice.pk).update(is_active=False)
    (address,) = bar(client).xpath(".//select[@name='opener']/@data-picker")
    assert "Alice" in {one["text"] for one in client.get(f"{address}&q=ali").json()}
    assert client.get(address.partition("?")[0], {"q": "ali"}).json() == []


def test_a_company_nobody_may_see_keeps_its_digits(story, sign_in):
    secret = partners.partner(story.charlie, "Secret")
    form = bar(sign_in(story.alice), f"also={secret.pk}")
    assert form.xpath(".//select[@name='also']/option[@selected]")[0].text == f"№ {secret.pk}"


def test_programs_ask_for_them_too(story, client):
    key = {"Authorization": f"Bearer {issue_token(story.dana, 'test')[1]}"}
    for name, asked in story.criteria.items():
        query = Criteria(**asked).query()
        told = client.get(f"/api/v1/reports/opportunities?{query}", headers=key).json()
        assert told["totals"]["count"] == sum(map(story.fits[name], story.now.values())), name
    refused = client.get("/api/v1/reports/opportunities?code_from=" + "P" * 21, headers=key)
    assert refused.status_code == 409
    assert "a code of up to 20 characters" in refused.content.decode()


def test_a_letter_and_a_saved_view_keep_them(story):
    query = Criteria(columns="name,potential", **story.criteria["codes-and-tag"]).query()
    (content, _type), _words = reports["opportunities"].letter(story.dana, query, "csv")
    assert len(content.decode().splitlines()) == 1 + sum(map(story.fits["codes-and-tag"], story.now.values()))
