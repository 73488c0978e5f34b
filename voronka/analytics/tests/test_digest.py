"""The digest of the day and leads that wait."""

from datetime import datetime, timedelta

from django.utils import timezone

from voronka.accounts.models import Notice
from voronka.activities.actions import write_note
from voronka.activities.tests import make as activities
from voronka.analytics import jobs, querysets
from voronka.core.models import Company
from voronka.partners.tests import make as partners


def test_each_is_told_once_in_their_own_morning(world, time_machine):
    world.alice.time_zone = "Asia/Vladivostok"
    world.alice.save()
    morning = datetime(2026, 11, 25, 9, 20, tzinfo=world.alice.zone)  # a Wednesday
    time_machine.move_to(morning - timedelta(hours=1), tick=False)
    activities.planned(world.alice, partner=world.partner, at=morning - timedelta(minutes=50))
    activities.planned(world.alice, partner=world.partner, at=morning + timedelta(hours=3))
    activities.planned(world.alice, partner=world.partner, at=morning + timedelta(days=3))
    jobs.digest()
    assert not Notice.objects.exists()
    time_machine.move_to(morning, tick=False)
    jobs.digest()
    jobs.digest()
    told = Notice.objects.get()
    assert (told.user, told.title) == (world.alice, "Your day: 1 activity for today")
    assert told.text.splitlines() == ["1 activity is overdue", "1 opportunity has no next step"]
    time_machine.move_to(
        morning + timedelta(hours=8), tick=False
    )  # morning in London, but nothing waits for the others
    jobs.digest()
    assert Notice.objects.count() == 1


def test_the_company_may_ask_for_no_next_step(world):
    company = Company.current()
    company.next_step_required = False
    company.save()
    assert not jobs.tell(world.alice, company, timezone.now())


def test_a_lead_waits_until_somebody_speaks_or_plans(world):
    def waiting():
        return [str(lead) for lead in querysets.waiting_leads(world.alice, timezone.now() - timedelta(days=14))]

    first, second = (partners.partner(world.alice, name) for name in ("Vasilek LLC", "Lopukh LLC"))
    assert waiting() == ["Lopukh LLC", "Vasilek LLC"]
    write_note(first, "Called", by=world.alice)
    assert waiting() == ["Lopukh LLC"]
    activities.planned(world.alice, partner=second)
    assert waiting() == []
