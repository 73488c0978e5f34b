"""Home pages: tiles by role, arranged by each person, shared with a role; every tile within the person's reach."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from voronka.accounts.tests import make as people
from voronka.activities.models import Activity
from voronka.analytics import actions, rules
from voronka.analytics.models import HomePage
from voronka.core import actions as kernel
from voronka.core.models import Company
from voronka.core.registry import tiles
from voronka.opportunities import actions as deals
from voronka.opportunities.models import Target
from voronka.opportunities.tests import make
from voronka.partners.tests.make import partner

KEYS = st.sampled_from(["a", "b", "c", "d", "e"])


@given(steps=st.lists(st.tuples(KEYS, st.sampled_from(rules.ARRANGED), st.integers(0, 1)), max_size=30))
def test_arranging_neither_loses_nor_doubles_a_tile(steps):
    columns, expected = (["a", "b"], ["c"]), {"a", "b", "c"}
    for key, act, into in steps:
        columns = rules.rearranged(columns, key, act, into=into)
        expected = expected | {key} if act == "add" else expected - {key} if act == "remove" else expected
        assert sorted([*columns[0], *columns[1]]) == sorted(expected)


def test_up_down_and_across_move_by_one():
    assert rules.rearranged((["a", "b", "c"], []), "c", "up") == (["a", "c", "b"], [])
    assert rules.rearranged((["a", "b", "c"], []), "a", "down") == (["b", "a", "c"], [])
    assert rules.rearranged((["a", "b"], ["c"]), "b", "across") == (["a"], ["c", "b"])
    assert rules.rearranged((["a"], []), "a", "up") == (["a"], [])


def shown(client):
    return [[tile.key for tile in column] for column in client.get("/").context["columns"]]


def arrange(client, key, act, **more):
    return client.post("/home/arrange/", {"key": key, "act": act, **more})


def test_each_role_has_a_page_of_its_own(world, sign_in):
    assert shown(sign_in(world.alice))[1][0] == "target"
    assert "bridge" in shown(sign_in(world.bob))[0]
    marketer = people.user("Mary", "marketer")
    assert shown(sign_in(marketer))[0] == ["my-day", "sources", "report-won"]
    engineer = people.user("Ed", "service-engineer")
    assert shown(sign_in(engineer)) == [["my-day"], ["won"]]


def test_a_person_arranges_and_goes_back(world, sign_in):
    client = sign_in(world.alice)
    wide, side = shown(client)
    answer = arrange(client, "silent", "up")
    assert answer.status_code == 302
    assert "at=silent." in answer["Location"]
    assert shown(client)[0][1] == "silent"
    arrange(client, "won", "remove")
    arrange(client, "forecast", "add", into="side")
    assert shown(client)[1] == [key for key in side if key != "won"] + ["forecast"]
    assert client.post("/home/place/", {"wide": "silent,my-day", "side": "silent"}).status_code == 409
    client.post("/home/reset/")
    assert shown(client) == [wide, side]


def test_a_dragged_order_keeps_what_the_person_does_not_see(world, sign_in):
    client = sign_in(world.alice)
    actions.arrange_home((["my-day", "silent"], ["no-step", "funnel"]), by=world.alice)
    Company.objects.update(next_step_required=False)
    Company.forget()
    assert client.post("/home/place/", {"wide": "silent,nothing", "side": "funnel,my-day"}).status_code == 204
    kept = HomePage.objects.get(user=world.alice)
    assert (kept.wide, kept.side) == (["silent"], ["funnel", "my-day", "no-step"])


def test_an_administrator_arranges_for_a_role(world, sign_in):
    client = sign_in(world.eve)
    arrange(client, "sources", "add", into="wide")
    role = world.alice.role
    client.post("/home/share/", {"role": role.pk})
    assert "sources" in shown(sign_in(world.alice))[0]
    arrange(sign_in(world.alice), "sources", "remove")
    assert "sources" in shown(sign_in(world.charlie))[0]
    assert sign_in(world.alice).post("/home/share/", {"role": role.pk}).status_code == 403


def test_a_saved_view_becomes_a_tile_of_those_who_may_see_it(world, sign_in):
    view = kernel.save_view(
        page="analytics:report:pipeline",
        name="By person",
        query="by=salesperson",
        is_default=False,
        is_shared=False,
        by=world.eve,
    )
    client = sign_in(world.eve)
    assert arrange(client, f"view-{view.pk}", "add", back="home").status_code == 302
    assert f"view-{view.pk}" in shown(client)[0]
    assert "250,000" in client.get(f"/tiles/view-{view.pk}/").content.decode()
    client.post("/home/share/", {"role": world.alice.role_id})
    assert not HomePage.objects.filter(role__isnull=False).exists()
    assert sign_in(world.alice).get(f"/tiles/view-{view.pk}/").status_code == 404
    assert arrange(sign_in(world.alice), f"view-{view.pk}", "add").status_code == 404


@pytest.mark.parametrize(
    "slug",
    ["closing", "silent", "no-step", "leads", "funnel", "won", "target", "bridge", "leaking", "sources", "forecast"],
)
def test_every_tile_opens_full_and_empty_as_a_page_too(world, sign_in, time_machine, slug):
    assert slug in tiles.slugs()
    assert sign_in(world.charlie).get(f"/tiles/{slug}/").status_code == 200
    time_machine.move_to(timezone.now() + timedelta(days=5))
    deals.lose(make.opportunity(world.alice, 70), reasons=[make.reason()], by=world.alice)
    for htmx in ({}, {"HX-Request": "true"}):
        assert sign_in(world.dana).get(f"/tiles/{slug}/", headers=htmx).status_code == 200


def test_figures_of_tiles_are_ones_own_or_the_teams(world, sign_in, time_machine):
    made = make.opportunity(world.charlie, 900, stage=world.stages[3], predicted_close_on=timezone.localdate())
    lost = make.opportunity(world.charlie, 70)
    deals.lose(lost, reasons=[make.reason()], by=world.charlie)
    Target.objects.create(kind="month", first=timezone.localdate().replace(day=1), person=world.charlie, amount=1000)
    tile = lambda user, slug: sign_in(user).get(f"/tiles/{slug}/").context  # noqa: E731
    for user, seen in ((world.charlie, 1), (world.dana, 1), (world.alice, 0), (world.bob, 0)):
        assert len(tile(user, "leaking")["rows"]) == seen
        assert tile(user, "forecast")["total"].commit == 900 * seen
        assert [one["row"].who for one in tile(user, "target")["rows"]] == [world.charlie] * seen
        assert sum(row["deals"] for row in tile(user, "sources")["rows"]) == {"Charlie": 2, "Dana": 3}.get(user.name, 1)
    assert made.percentage == 80


@pytest.mark.parametrize("slug", ["closing", "silent", "no-step", "leads", "won"])
def test_what_a_tile_leads_to_lists_exactly_what_the_tile_counts(world, sign_in, time_machine, slug):
    leads = [partner(world.alice, name, kind="lead") for name in ("Waits", "Planned", "Spoken", "Dealt", "Called off")]
    note = {"owner": world.alice, "happened_at": timezone.now() + timedelta(days=19)}
    Activity.objects.create(kind="call", status="open", partner=leads[1], **note)
    Activity.objects.create(kind="call", status="done", partner=leads[2], **note)
    Activity.objects.create(kind="call", status="cancelled", partner=leads[4], **note)
    make.opportunity(world.alice, 10, partner=leads[3])
    today = timezone.localdate() + timedelta(days=20)
    for number, days in enumerate((-70, -5, 3, 30)):
        make.opportunity(
            world.alice,
            100 + number,
            opened_on=today - timedelta(days=90),
            predicted_close_on=today + timedelta(days=days),
        )
    time_machine.move_to(timezone.now() + timedelta(days=20))
    won = make.opportunity(world.alice, 55)
    deals.win(won, by=world.alice)
    client = sign_in(world.dana)
    told = client.get(f"/tiles/{slug}/").context
    rows = told.get("leads") or told.get("deals") or [won]
    shown = [row[0] if isinstance(row, tuple) else row for row in rows]
    pattern = shown[0].get_absolute_url().replace(str(shown[0].pk), r"(\d+)")
    found = re.findall(f'href="{pattern}"', client.get(told["more"]).content.decode())
    assert {int(key) for key in found} == {row.pk for row in shown} != set()
    assert slug != "leads" or {lead.name for lead in shown} & {lead.name for lead in leads} == {"Waits", "Called off"}


def test_a_role_without_reports_gets_no_tile_of_them(world, sign_in):
    engineer = people.user("Ed", "service-engineer")
    client = sign_in(engineer)
    assert client.get("/tiles/bridge/").status_code == 404
    assert client.get("/tiles/report-pipeline/").status_code == 404
    assert arrange(client, "report-pipeline", "add").status_code == 404
    assert client.get("/tiles/nothing/").status_code == 404
