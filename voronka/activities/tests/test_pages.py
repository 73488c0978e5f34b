"""Doors of activities: composing, one click, small forms, the whole form, my day, the table."""

import re
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from voronka.accounts.tests import make as people
from voronka.activities.actions import write_note
from voronka.activities.models import Activity, ActivitySubject, ActivityType, Outcome
from voronka.activities.tests import make
from voronka.partners.models import PartnerGroup, Tag
from voronka.partners.tests import make as partners

HTMX = {"HTTP_HX_REQUEST": "true"}
NOTE = "/activities/compose/"


def test_a_note_is_written_from_both_cards(world, sign_in):
    client = sign_in(world.alice)
    answer = client.post(NOTE, {"partner": world.partner.pk, "text": "Called"}, **HTMX)
    assert "Called" in answer.content.decode()
    client.post(NOTE, {"opportunity": world.opportunity.pk, "text": "Wants oak", "back": "/opportunities/"})
    note = Activity.objects.get(text="Wants oak")
    assert (note.partner, note.opportunity_id, note.owner) == (world.partner, world.opportunity.pk, world.alice)
    assert (
        "Wants oak"
        in client.get(reverse("opportunities:timeline_of_partner", args=[world.partner.pk])).content.decode()
    )


def test_an_empty_note_says_what_to_do(world, sign_in):
    client = sign_in(world.alice)
    assert client.post(NOTE, {"partner": world.partner.pk, "text": " "}, **HTMX).status_code == 422
    answer = client.post(NOTE, {"partner": world.partner.pk, "text": "Hi", "back": "//evil.example"})
    assert answer["Location"] == "/activities/"
    Activity.objects.all().delete()
    assert not Activity.objects.exists()


def test_a_stranger_and_a_reader_write_nothing(world, sign_in):
    stranger, observer = sign_in(world.charlie), people.user("Olga", "observer")
    assert stranger.post(NOTE, {"partner": world.partner.pk, "text": "Hi"}).status_code == 404
    assert stranger.post(NOTE, {"opportunity": world.opportunity.pk, "text": "Hi"}).status_code == 404
    assert stranger.post(NOTE, {"partner": "x" * 30, "text": "Hi"}).status_code == 404
    assert sign_in(observer).post(NOTE, {"partner": world.partner.pk, "text": "Hi"}).status_code == 403


def test_ones_own_note_is_changed_deleted_and_taken_back(world, sign_in):
    note, client = write_note(world.partner, "Caled", by=world.alice), sign_in(world.alice)
    address = reverse("activities:detail", args=[note.pk])
    assert "<textarea" in client.get(address + "?edit=1", **HTMX).content.decode()
    client.post(address, {"text": "Called", "version": note.version}, **HTMX)
    assert client.post(address, {"text": "Later", "version": note.version}, **HTMX).status_code == 409
    assert client.post(address, {"text": ""}, **HTMX).status_code == 422
    assert Activity.objects.get(pk=note.pk).text == "Called"
    assert "Undo" in client.post(reverse("activities:delete", args=[note.pk]), **HTMX).content.decode()
    assert client.get(address).status_code == 404
    client.post(reverse("activities:restore", args=[note.pk]), **HTMX)
    assert client.get(address).status_code == 200


def test_a_colleague_reads_and_changes_nothing(world, sign_in):
    note = write_note(world.partner, "Called", by=world.alice)
    address = reverse("activities:detail", args=[note.pk])
    assert "Called" in sign_in(world.bob).get(address).content.decode()
    assert sign_in(world.bob).post(address, {"text": "Mine"}).status_code == 404
    assert sign_in(world.charlie).get(address).status_code == 404
    assert sign_in(world.charlie).post(reverse("activities:delete", args=[note.pk])).status_code == 404


def test_the_list_finds_words(world, sign_in):
    write_note(world.partner, "Wants oak", by=world.alice)
    client = sign_in(world.alice)
    assert "Wants oak" in client.get("/activities/?q=oak").content.decode()
    assert "Wants oak" not in client.get("/activities/?q=pine").content.decode()
    assert "Wants oak" not in sign_in(world.charlie).get("/activities/").content.decode()


@pytest.mark.parametrize(
    ("words", "count"), [("договоры", 12), ("дуб", 1), ("дог дуб", 1), ("бук", 0), ("зимний договор", 0)]
)
def test_frequent_and_rare_words_are_found_alike_and_none_is_left_out(world, words, count):
    for number in range(12):
        write_note(world.partner, f"Договор {number}, летний" if number else "Договор и дуб", by=world.alice)
    write_note(world.partner, "Зимний лес", by=world.alice)
    Activity.objects.bulk_create(
        Activity(kind="note", text="Ждут", owner=world.alice, partner=world.partner) for _more in range(600)
    )
    Activity.objects.filter(text="Ждут").update(created_at=timezone.now() - timedelta(days=1))
    for reader, seen in ((world.alice, count), (world.bob, count), (world.dana, count), (world.charlie, 0)):
        rows = Activity.objects.visible_to(reader)
        assert rows.search(words).count() == rows.search(words, reader).count() == seen


def test_the_list_begins_with_what_is_to_be_done_first_and_shows_everything_on_demand(world, sign_in):
    now = timezone.now()
    for title, hours in (("Later", 30), ("Overdue", -30), ("Soon", 2)):
        make.planned(world.alice, title=title, partner=world.partner, at=now + timedelta(hours=hours))
    write_note(world.partner, "Said before", by=world.alice)
    client = sign_in(world.alice)
    start = client.get("/activities/").content.decode()
    assert start.index("Overdue") < start.index(">Soon<") < start.index(">Later<")
    assert "Said before" not in start
    everything = client.get("/activities/?status=all")
    assert "Said before" in everything.content.decode()
    assert not everything.context["filter"].form.errors


def compose(client, world, **fields):
    return client.post(NOTE, {"partner": world.partner.pk} | fields, **HTMX)


def stamp_of(answer):
    """What the page showed as understood, as it sends it back."""
    return re.search(r'name="understood" value="([^"]+)"', answer.content.decode())[1]


def test_a_call_and_its_next_step_are_one_line_each(world, sign_in):
    client, reached = sign_in(world.alice), Outcome.objects.create(name="Reached")
    said = {"kind": "call", "text": "Likes oak", "outcome": reached.pk, "next": "show samples tomorrow at 15"}
    shown = compose(client, world, **said)
    assert "tomorrow, 15:00" in shown.content.decode()
    assert shown["HX-Retarget"] == "#composer"
    assert not Activity.objects.exists()
    kept = compose(client, world, **said, understood=stamp_of(shown))
    assert "Likes oak" in kept.content.decode()
    call, step = Activity.objects.order_by("pk")
    assert (call.kind, call.status, call.outcome) == ("call", "done", reached)
    assert (step.status, step.title, step.follow_up_of, step.minutes) == ("open", "Show samples", call, 15)


def test_a_task_needs_words_and_a_date_from_nowhere_is_told(world, sign_in):
    client = sign_in(world.alice)
    assert compose(client, world, kind="task").status_code == 422
    assert "it is for today" in client.get("/activities/understood/?next=send+offer").content.decode()
    assert "<strong>" not in client.get("/activities/understood/?next=").content.decode()


def test_one_click_closes_a_call_and_asks_for_the_next_step(world, sign_in):
    client, reached = sign_in(world.alice), Outcome.objects.create(name="Reached")
    call = make.planned(world.alice, partner=world.partner)
    answer = client.post(reverse("activities:done", args=[call.pk]), {"outcome": reached.pk}, **HTMX)
    assert 'name="next"' in answer.content.decode()
    assert Activity.objects.get(pk=call.pk).outcome == reached
    address = reverse("activities:next", args=[call.pk])
    shown = client.post(address, {"next": "call in 2 weeks"}, **HTMX)
    client.post(address, {"next": "call in 2 weeks", "understood": stamp_of(shown)}, **HTMX)
    assert Activity.objects.get(follow_up_of=call).kind == "call"
    assert client.post(reverse("activities:done", args=[call.pk]), **HTMX).status_code == 409


def test_work_is_moved_and_given_away_in_small_forms(world, sign_in):
    client, call = sign_in(world.bob), make.planned(world.alice, partner=world.partner)
    moved = client.post(reverse("activities:reschedule", args=[call.pk]), {"day": "2030-05-06", "clock": "10:30"})
    assert moved.status_code == 302
    client.post(reverse("activities:reassign", args=[call.pk]), {"owner": world.bob.pk})
    call.refresh_from_db()
    assert (timezone.localtime(call.happened_at).isoformat()[:16], call.owner) == ("2030-05-06T10:30", world.bob)
    assert client.post(reverse("activities:reschedule", args=[call.pk]), {"day": "soon"}).status_code == 422
    assert client.post(reverse("activities:reassign", args=[call.pk]), {"owner": world.charlie.pk}).status_code == 422


def test_the_whole_form_plans_logs_and_changes(world, sign_in):
    client = sign_in(world.alice)
    asked = {"kind": "meeting", "title": "Samples", "partner": world.partner.pk, "priority": 2, "owner": world.alice.pk}
    assert client.post("/activities/new/", asked).status_code == 422
    asked |= {
        "day": "2030-05-06",
        "clock": "10:00",
        "lasts": "2h",
        "remind_before": "15",
        "participants": [world.bob.pk],
    }
    client.post("/activities/new/", asked)
    meeting = Activity.objects.get()
    assert (meeting.minutes, meeting.is_open, list(meeting.participants.all())) == (120, True, [world.bob])
    assert meeting.happened_at - meeting.remind_at == timedelta(minutes=15)
    edit = reverse("activities:edit", args=[meeting.pk])
    assert 'value="2h"' in client.get(edit).content.decode()
    client.post(edit, asked | {"all_day": "on", "last_day": "2030-05-07", "version": meeting.version})
    meeting.refresh_from_db()
    assert (meeting.all_day, meeting.minutes) == (True, 2 * 24 * 60)
    done = asked | {"is_done": "on", "day": "2020-05-06", "title": "Long ago"}
    client.post("/activities/new/", done)
    assert Activity.objects.get(title="Long ago").status == "done"
    assert "still to come" in client.post("/activities/new/", done | {"day": "2030-05-06"}).content.decode()


def test_the_form_knows_what_it_was_opened_for(world, sign_in):
    page = (
        sign_in(world.alice)
        .get(f"/activities/new/?opportunity={world.opportunity.pk}&at=2030-05-06T10:30")
        .content.decode()
    )
    assert f'<option value="{world.partner.pk}" selected>' in page
    assert 'value="2030-05-06"' in page
    assert (
        f'<option value="{world.opportunity.pk}" selected>'
        not in sign_in(world.charlie).get(f"/activities/new/?opportunity={world.opportunity.pk}").content.decode()
    )


def test_the_day_stands_in_the_order_of_doing(world, sign_in, time_machine):
    noon = datetime(2026, 11, 25, 12, tzinfo=world.alice.zone)
    time_machine.move_to(noon, tick=False)
    make.planned(world.alice, "task", partner=world.partner, on=noon.date(), title="Any time")
    make.planned(world.alice, partner=world.partner, at=noon + timedelta(hours=2), title="By the clock")
    make.planned(
        world.alice,
        partner=world.partner,
        opportunity=world.opportunity,
        at=noon - timedelta(hours=2),
        title="Too late",
    )
    make.planned(world.alice, partner=world.partner, at=noon + timedelta(days=1), title="Not today")
    page = sign_in(world.alice).get("/activities/day/").content.decode()
    assert re.findall("Too late|By the clock|Any time|Not today", page) == [
        "Too late",
        "By the clock",
        "Any time",
    ]
    assert "First contact" in page
    assert world.partner.phone in page


def test_the_table_filters_counts_and_acts_on_many(world, sign_in):
    client = sign_in(world.alice)
    call = make.planned(world.alice, partner=world.partner, title="Overdue call", at=timezone.now() - timedelta(days=1))
    make.planned(
        world.alice, "task", partner=world.partner, title="Later task", on=timezone.localdate() + timedelta(days=9)
    )
    page = client.get("/activities/?due=overdue&whose=me&kind=call").content.decode()
    assert "Overdue call" in page
    assert "Later task" not in page
    assert "Alice" in client.get("/activities/?part=summary", **HTMX).content.decode()
    client.post("/activities/", {"act": "tomorrow", "ids": [call.pk]})
    assert not Activity.objects.get(pk=call.pk).is_overdue
    client.post("/activities/", {"act": "done", "ids": [call.pk]})
    assert Activity.objects.get(pk=call.pk).status == "done"


def test_the_palette_finds_words_and_the_company_its_lists(world, sign_in):
    write_note(world.partner, "Отправили договоры", by=world.alice)
    assert "Отправили" in sign_in(world.alice).get("/activities/search/?q=договор").content.decode()
    boss = sign_in(world.dana)
    boss.post("/settings/lists/outcomes/", {"name": "Reached"})
    boss.post("/settings/lists/activity-types/", {"name": "Sale"})
    boss.post("/settings/lists/activity-subjects/", {"type": ActivityType.objects.get().pk, "name": "Price"})
    assert "Price" in boss.get("/settings/lists/activity-subjects/").content.decode()
    assert sign_in(world.alice).get("/settings/lists/outcomes/").status_code == 403


def test_what_is_private_stays_with_its_people(world, sign_in):
    secret = make.planned(world.alice, partner=world.partner, title="Surprise", is_private=True)
    after = make.planned(world.alice, partner=world.partner, title="Plain step", follow_up_of=secret)
    address = reverse("activities:detail", args=[after.pk])
    assert "Surprise" in sign_in(world.alice).get(address).content.decode()
    for page in (
        address,
        "/activities/?columns=subject_line,follow_up_of",
        f"/partners/{world.partner.pk}/timeline/",
    ):
        answer = sign_in(world.dana).get(page).content.decode()
        assert "Plain step" in answer
        assert "Surprise" not in answer
    assert sign_in(world.dana).get(reverse("activities:detail", args=[secret.pk])).status_code == 404


def test_the_table_is_narrowed_to_what_is_at_partners_of_a_group_or_with_a_tag(world, sign_in):
    """Only at partners one sees: that a hidden partner has the tag is not told by what was done there."""
    group, tag = PartnerGroup.objects.create(name="Wholesale"), Tag.objects.create(name="VIP")
    other = partners.partner(world.alice, "Lopukh", group=group)
    strange = partners.partner(world.charlie, "Secret LLC")
    for one in (world.partner, strange):
        one.tags.add(tag)
    for partner, title in ((world.partner, "At the tagged"), (other, "At the wholesaler"), (strange, "At the hidden")):
        make.planned(world.alice, partner=partner, title=title)
    titles = ("At the tagged", "At the wholesaler", "At the hidden")

    def shown(**asked):
        page = sign_in(world.alice).get("/activities/", asked).content.decode()
        return [title for title in titles if title in page]

    assert shown() == list(titles)
    assert shown(tags=tag.pk) == ["At the tagged"]
    assert shown(group=group.pk) == ["At the wholesaler"]


def test_the_table_is_narrowed_to_a_subject(world, sign_in):
    subject = ActivitySubject.objects.create(type=ActivityType.objects.create(name="Visit"), name="Show the oak")
    make.planned(world.alice, "meeting", partner=world.partner, title="In the hall", subject=subject, type=subject.type)
    make.planned(world.alice, "meeting", partner=world.partner, title="Elsewhere")
    page = sign_in(world.alice).get("/activities/", {"subject": subject.pk}).content.decode()
    assert "In the hall" in page
    assert "Elsewhere" not in page
