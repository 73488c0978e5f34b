"""Segments: kept questions and fixed lists, set algebra, sharing, whom one may reach."""

import pytest
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from voronka.activities.actions import write_note
from voronka.campaigns import actions, audience, filling, jobs
from voronka.campaigns.models import Segment
from voronka.campaigns.tests import make
from voronka.core.errors import RuleBroken
from voronka.partners.models import Contact, Partner
from voronka.partners.tests import make as partners


@pytest.fixture
def leads(world):
    """Three more leads of Alice and one of Charlie."""
    named = {
        name: partners.partner(world.alice, name, email=f"{name}@x.example".lower())
        for name in ("Alpha", "Beta", "Gamma")
    }
    return named | {"Delta": partners.partner(world.charlie, "Delta")}


def names(segment, user):
    return sorted(audience.members(segment, user).values_list("name", flat=True))


def test_a_dynamic_segment_asks_anew_and_within_the_readers_access(world, leads):
    segment = actions.keep_filters(
        Segment(name="E-mail", owner=world.dana, is_shared=True), "has_email=true", by=world.dana
    )
    assert names(segment, world.dana) == ["Alpha", "Beta", "Gamma", "Romashka LLC"]
    Partner.objects.filter(name="Delta").update(email="d@x.example")
    assert "Delta" in names(segment, world.dana)
    assert names(segment, world.charlie) == ["Delta"]


def test_a_filter_that_is_gone_empties_the_segment_and_says_so(world, leads):
    segment = actions.keep_filters(Segment(name="Owned", owner=world.dana), f"owner={world.alice.pk}", by=world.dana)
    assert len(names(segment, world.dana)) == 4
    Segment.objects.filter(pk=segment.pk).update(query="owner=999999")
    segment.refresh_from_db()
    assert names(segment, world.dana) == []
    assert audience.broken(segment, world.dana) == ["Owner"]
    with pytest.raises(RuleBroken, match="Owner"):
        actions.keep_filters(Segment(name="Bad", owner=world.dana), "owner=999999", by=world.dana)


def test_a_fixed_list_takes_each_once_and_lets_go(world, leads):
    segment = make.segment(world.alice)
    rows = Partner.objects.visible_to(world.alice)
    assert actions.add(segment, rows, by=world.alice) == 4
    assert actions.add(segment, rows, by=world.alice) == 0
    assert actions.add(segment, rows.none(), by=world.alice) == 0
    assert actions.remove(segment, rows.filter(name="Beta"), by=world.alice) == 1
    assert names(segment, world.alice) == ["Alpha", "Gamma", "Romashka LLC"]
    assert names(segment, world.charlie) == []


@pytest.mark.parametrize(
    ("how", "left"), [("add", ["Alpha", "Beta", "Gamma"]), ("common", ["Beta"]), ("subtract", ["Alpha"])]
)
def test_set_algebra(world, leads, how, left):
    one, other = make.segment(world.alice, "One"), make.segment(world.alice, "Other")
    rows = Partner.objects.visible_to(world.alice)
    actions.add(one, rows.filter(name__in=["Alpha", "Beta"]), by=world.alice)
    actions.add(other, rows.filter(name__in=["Beta", "Gamma"]), by=world.alice)
    actions.combine(one, other, how=how, by=world.alice)
    assert names(one, world.alice) == left


def test_what_one_does_not_see_is_neither_added_nor_taken_out(world, leads):
    segment = make.segment(world.dana, is_shared=True)
    actions.add(segment, Partner.objects.visible_to(world.dana), by=world.dana)
    empty = make.segment(world.alice, "Empty")
    actions.combine(segment, empty, how="common", by=world.alice)
    assert names(segment, world.dana) == ["Delta"]


def test_members_of_a_dynamic_segment_are_not_changed_by_hand(world, leads):
    segment = actions.keep_filters(Segment(name="All", owner=world.alice), "", by=world.alice)
    with pytest.raises(RuleBroken, match="fixed copy"):
        actions.add(segment, Partner.objects.visible_to(world.alice), by=world.alice)
    copy = actions.freeze(segment, "Frozen", by=world.alice)
    partners.partner(world.alice, "Later")
    assert len(names(segment, world.alice)) == len(names(copy, world.alice)) + 1


def test_partners_become_a_list_of_their_contacts(world, leads):
    partners.contact(leads["Alpha"], "Boris")
    partners.contact(leads["Delta"], "Charlie's")
    segment = actions.keep_filters(Segment(name="All", owner=world.alice), "", by=world.alice)
    copy = actions.freeze(segment, "People", about="contacts", by=world.alice)
    assert names(copy, world.alice) == ["Anna Petrova", "Boris"]
    with pytest.raises(RuleBroken):
        actions.freeze(copy, "Back", about="partners", by=world.alice)


def test_sharing_needs_the_permission(world):
    with pytest.raises(RuleBroken, match="share"):
        actions.save_segment(Segment(name="Mine", owner=world.alice, is_shared=True), by=world.alice)
    actions.save_segment(Segment(name="Ours", owner=world.dana, is_shared=True), by=world.dana)
    assert [one.name for one in Segment.objects.visible_to(world.alice)] == ["Ours"]
    assert not Segment.objects.editable_by(world.alice).exists()


def test_a_salesperson_makes_segments_from_the_list(world, leads, sign_in):
    client, page = sign_in(world.alice), reverse("campaigns:collect")
    assert "4 partners found" in client.get(page, {"has_email": "true"}).content.decode()
    data = {"how": "dynamic", "name": "With e-mail", "about": "partners", "query": "has_email=true"}
    answer = client.post(page, data, follow=True)
    assert [row for row in ("Alpha", "Beta", "Romashka") if row not in answer.content.decode()] == []
    kept = Segment.objects.get(name="With e-mail")
    assert (kept.query, kept.owner) == ("has_email=true", world.alice)
    assert (
        "2 partners selected"
        in client.post(page, {"ids": [leads["Alpha"].pk, leads["Beta"].pk, leads["Delta"].pk]}).content.decode()
    )
    chosen = {"ids": [leads["Alpha"].pk, leads["Delta"].pk], "how": "static", "name": "Chosen", "about": "partners"}
    client.post(page, chosen)
    fixed = Segment.objects.get(name="Chosen")
    assert names(fixed, world.dana) == ["Alpha"]
    client.post(page, {"ids": [leads["Beta"].pk], "how": "add", "about": "partners", "segment": fixed.pk})
    assert names(fixed, world.alice) == ["Alpha", "Beta"]
    client.post(reverse("campaigns:detail", args=[fixed.pk]), {"act": "remove", "ids": [leads["Beta"].pk]})
    assert names(fixed, world.alice) == ["Alpha"]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"how": "static", "about": "partners"}, "name"),
        ({"how": "add", "about": "partners"}, "segment"),
        ({"how": "x"}, "how"),
    ],
)
def test_what_is_missing_is_said_beside_the_field(world, sign_in, data, field):
    answer = sign_in(world.alice).post(reverse("campaigns:collect"), data)
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]


def test_the_segment_is_a_list_with_columns_sort_and_export(world, leads, sign_in):
    segment = actions.keep_filters(Segment(name="All", owner=world.alice), "", by=world.alice)
    client, page = sign_in(world.alice), reverse("campaigns:detail", args=[segment.pk])
    shown = client.get(page, {"sort": "-name", "columns": "name,by_email"}).content.decode()
    assert shown.index("Romashka") < shown.index("Alpha")
    lines = b"".join(client.get(page, {"export": "csv", "columns": "name,by_email"}).streaming_content).decode()
    assert "Alpha,no" in lines
    assert "Messenger" in client.get(page, {"part": "reach"}).content.decode()
    assert sign_in(world.charlie).get(page).status_code == 404


@pytest.mark.parametrize("how", ["combine", "copy"])
def test_segments_are_combined_and_copied_on_the_page(world, leads, sign_in, how):
    one, other = make.segment(world.alice, "One"), make.segment(world.alice, "Other")
    actions.add(other, Partner.objects.visible_to(world.alice).filter(name="Alpha"), by=world.alice)
    client = sign_in(world.alice)
    if how == "combine":
        client.post(reverse("campaigns:combine", args=[one.pk]), {"how": "add", "other": other.pk})
        assert names(one, world.alice) == ["Alpha"]
    else:
        client.post(reverse("campaigns:copy", args=[other.pk]), {"name": "People", "about": "contacts"})
        assert Segment.objects.get(name="People").is_of_contacts


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("has_phone=true", ["Romashka LLC"]), ("has_phone=false", ["Alpha", "Beta", "Gamma"]), ("place=kazan", ["Beta"]),
        ("employees_min=10&employees_max=20", ["Alpha"]), ("annual_revenue_min=1000", ["Alpha"]), ("has_open=true", ["Romashka LLC"]),
        ("has_open=false", ["Alpha", "Beta", "Gamma"]), ("never_contacted=false", ["Gamma"]), ("silent_since=2020-01-01", ["Alpha", "Beta", "Romashka LLC"]),
        ("created_at_after=2020-01-01", ["Alpha", "Beta", "Gamma", "Romashka LLC"]), ("updated_at_before=2020-01-01", []),
    ],
)  # fmt: skip
def test_leads_are_selected_by_what_is_known_of_them(world, leads, query, found):
    Partner.objects.filter(name="Alpha").update(employees=15, annual_revenue=5000)
    leads["Beta"].addresses.create(city="Kazan", partner=leads["Beta"])
    write_note(leads["Gamma"], "Called", by=world.alice)
    assert sorted(audience.found(query, world.alice).values_list("name", flat=True)) == found


def test_contacts_of_a_dynamic_segment_follow_its_filters(world):
    segment = Segment(name="People", owner=world.alice, about="contacts")
    actions.keep_filters(segment, "kind=lead", by=world.alice)
    assert names(segment, world.alice) == ["Anna Petrova"]
    assert audience.members(segment, world.charlie).model is Contact


def test_a_partner_is_within_reach_through_its_people(world, sign_in):
    segment = actions.keep_filters(Segment(name="All", owner=world.alice), "", by=world.alice)
    client, page = sign_in(world.alice), reverse("campaigns:detail", args=[segment.pk])
    assert "Romashka" not in client.get(page, {"reach": "email", "part": "rows"}).content.decode()
    make.consent(world.partner, world.contact, by=world.alice)
    assert "Romashka" in client.get(page, {"reach": "email", "part": "rows"}).content.decode()
    actions.object_to(world.partner, channels=["email"], reason="Letter", by=world.alice)
    assert "Romashka" not in client.get(page, {"reach": "email", "part": "rows"}).content.decode()


# Many members


@pytest.fixture
def many(world, leads, monkeypatch):
    """More leads than are put in while one waits, with slices of two."""
    monkeypatch.setattr(filling, "FEW", 2)
    monkeypatch.setattr(filling, "SLICE", 2)
    return make.segment(world.alice)


def test_many_are_put_in_by_the_worker_within_the_access_of_who_asked(world, many, django_capture_on_commit_callbacks):
    actions.add(many, Partner.objects.filter(name="Beta"), by=world.alice)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.collect(many, by=world.alice) is None
    asked = many.fillings.get()
    assert (asked.status, asked.rows, asked.total) == ("waiting", 0, 4)
    jobs.fill(asked.pk)
    asked.refresh_from_db()
    assert (asked.status, asked.rows, asked.count) == ("done", 4, 3)
    assert names(many, world.dana) == ["Alpha", "Beta", "Gamma", "Romashka LLC"]


def test_few_are_put_in_at_once(world, many):
    assert actions.collect(many, query="q=Alpha", by=world.alice) == 1
    assert not many.fillings.exists()


def test_a_filling_goes_on_where_it_was_and_takes_none_twice(world, many, monkeypatch):
    actions.collect(many, by=world.alice)
    asked, put, calls = many.fillings.get(), filling.put, []

    def killed(*arguments):
        calls.append(put(*arguments))
        if len(calls) == 2:
            raise SystemExit
        return calls[-1]

    monkeypatch.setattr(filling, "put", killed)
    with pytest.raises(SystemExit):
        jobs.fill(asked.pk)
    asked.refresh_from_db()
    assert (asked.status, asked.rows, many.members.count()) == ("running", 2, 2)
    jobs.fill(asked.pk)
    asked.refresh_from_db()
    assert (asked.status, asked.rows, asked.count, many.members.count()) == ("done", 4, 4, 4)


def test_a_filling_that_gave_no_sign_is_handed_to_the_worker_anew(world, many):
    actions.collect(many, by=world.alice)
    asked = many.fillings.get()
    waiting = ProcrastinateJob.objects.filter(task_name="campaigns.fill", args={"filling_id": asked.pk})
    jobs.resume()
    assert waiting.count() == 0
    many.fillings.update(seen_at=timezone.now() - 2 * jobs.SILENT)
    jobs.resume()
    jobs.resume()
    assert waiting.count() == 1


def test_a_segment_is_filled_by_one_at_a_time_and_called_off_with_what_is_in(world, many, sign_in):
    client = sign_in(world.alice)
    asked = {"how": "add", "segment": many.pk, "about": "partners", "query": ""}
    assert client.post(reverse("campaigns:collect"), asked)["Location"] == many.get_absolute_url()
    again = client.post(reverse("campaigns:collect"), asked)
    assert "This segment is being filled." in again.content.decode()
    assert '<progress class="w-100"' in client.get(many.get_absolute_url()).content.decode()
    state = client.get(reverse("campaigns:filling", args=[many.pk]), headers={"HX-Request": "true"})
    assert "The members wait for the worker" in state.content.decode()
    stop = reverse("campaigns:filling_stop", args=[many.pk])
    assert sign_in(world.charlie).post(stop).status_code == 404
    assert many.fillings.busy().exists()
    sign_in(world.alice).post(stop)
    jobs.fill(many.fillings.get().pk)
    assert many.fillings.get().status == "cancelled"
    over = sign_in(world.alice).get(reverse("campaigns:filling", args=[many.pk]), headers={"HX-Request": "true"})
    assert over.headers["HX-Refresh"] == "true"
    assert not many.members.exists()


def test_a_large_fixed_copy_is_made_in_the_background(world, many):
    actions.add(many, Partner.objects.visible_to(world.alice), by=world.alice)
    copy = actions.freeze(many, "Copy", by=world.alice)
    assert names(copy, world.alice) == []
    jobs.fill(copy.fillings.get().pk)
    assert names(copy, world.alice) == names(many, world.alice)


def test_programs_see_how_far_a_filling_is_and_call_it_off(world, many, sign_in):
    client, address = sign_in(world.alice), f"/api/v1/segments/{many.pk}"
    added = client.post(f"{address}/members", {"query": ""}, content_type="application/json")
    assert added.json() == {"count": None}
    told = client.get(f"{address}/filling").json()
    assert (told["status"], told["rows"], told["total"]) == ("waiting", 0, 4)
    assert sign_in(world.charlie).get(f"{address}/filling").status_code == 404
    assert sign_in(world.charlie).delete(f"{address}/filling").status_code == 404
    client = sign_in(world.alice)
    assert client.delete(f"{address}/filling").status_code == 204
    assert client.get(f"{address}/filling").json()["status"] == "cancelled"
