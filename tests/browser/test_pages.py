"""Every page in both languages, light and dark, wide and narrow: nobody is shut out, nothing overflows, the console is silent."""

from datetime import date

import pytest
from django.utils import timezone

from voronka.activities.models import LetterTemplate, Mailbox, Outcome
from voronka.activities.tests import make as activities
from voronka.campaigns.tests import make as segments
from voronka.handover.tests import make as handovers
from voronka.imports.tests.make import run_of
from voronka.opportunities.tests import make as opportunities
from voronka.partners.tests import make as partners
from voronka.products.tests import make as money

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS = [("ru", "light", 1280), ("en", "dark", 1280), ("ru", "dark", 360), ("en", "light", 360)]


def pages(world, run):
    segment = segments.segment(world.alice, is_shared=True)
    consent = segments.consent(world.partner, world.contact, by=world.alice)
    gone = opportunities.opportunity(world.charlie, partner=partners.partner(world.charlie, "Lopukh"))
    handed = handovers.handed_over(world.charlie, world.bob, world.eve, note=f"Until {gone.predicted_close_on}")
    twin = partners.partner(world.alice, "ООО Romashka", phone=world.partner.phone)
    usd = money.currency("USD", 90)
    Outcome.objects.create(name="Reached")
    letter = activities.letter(world.eve, world.partner, html="<p>We take <b>oak</b>.</p>", contact=world.contact)
    failed = activities.letter(world.eve, world.partner, state="failed", error="550 No such mailbox")
    LetterTemplate.objects.create(name="Offer", title="For {partner}", text="Dear {contact}")
    Mailbox.objects.create(
        user=world.eve, address="eve@ours.example", host="imap.ours.example", login="eve", sealed="-", since=date(2026, 1, 1), trouble="login", detail="Wrong",
        broken_since=timezone.now(),
    )  # fmt: skip
    call = activities.planned(world.eve, partner=world.partner, opportunity=world.opportunity, contact=world.contact)
    return [
        "/", "/partners/", "/partners/new/", f"/partners/{world.partner.pk}/", f"/partners/{world.partner.pk}/edit/", "/partners/bin/", "/partners/inactive/", "/partners/pairs/",
        "/partners/requests/", "/contacts/", "/contacts/?part=filters",
        f"/partners/merge/{world.partner.pk}/{twin.pk}/",
        f"/partners/{world.partner.pk}/contact/new/", f"/partners/{world.partner.pk}/account/new/",
        "/settings/custom-fields/", "/settings/custom-fields/new/partners.partner/", "/settings/payment-terms/", "/settings/payment-terms/new/",
        "/opportunities/", "/opportunities/?part=filters", "/opportunities/board/", "/opportunities/new/", f"/opportunities/{world.opportunity.pk}/",
        f"/opportunities/{world.opportunity.pk}/?kind=talks", f"/opportunities/{world.opportunity.pk}/?tab=timeline", f"/partners/{world.partner.pk}/timeline/",
        f"/opportunities/{world.opportunity.pk}/?tab=states", f"/opportunities/{world.opportunity.pk}/lose/",
        "/activities/", "/activities/new/", "/activities/day/", f"/activities/{call.pk}/", f"/activities/{call.pk}/edit/",
        f"/activities/{failed.pk}/", f"/activities/{letter.pk}/", f"/activities/{letter.pk}/answer/", f"/partners/{world.partner.pk}/letter/",
        f"/opportunities/{world.opportunity.pk}/letter/", "/profile/mailbox/", "/settings/lists/letter-templates/", "/settings/lists/letter-templates/new/",
        f"/activities/{call.pk}/done/", f"/activities/{call.pk}/reschedule/", "/settings/lists/outcomes/", "/settings/holidays/",
        "/calendar/", "/calendar/?view=month", "/calendar/?view=team", "/calendar/?view=agenda", "/calendar/?list=1", "/calendar/absences/",
        "/calendar/absences/new/", "/profile/calendar/", "/settings/lists/activity-subjects/", "/reports/",
        "/handovers/", f"/handovers/new/?giver={world.alice.pk}", handed.get_absolute_url(), handed.briefs.first().get_absolute_url(), "/partners/leads/",
        "/settings/assignment/", "/settings/assignment/new/", "/settings/sequences/", "/settings/sequences/new/", "/sequences/",
        "/segments/", "/segments/new/", "/segments/collect/?kind=lead", f"/segments/{segment.pk}/", f"/partners/{world.partner.pk}/contact/{world.contact.pk}/",
        f"/consents/of-partner/{world.partner.pk}/new/", f"/objections/of-partner/{world.partner.pk}/new/",
        f"/consent/{consent.token}/", f"/persons/contact/{world.contact.pk}/erase/", "/persons/erasures/", "/persons/exports/", "/settings/consents/",
        *(f"/opportunities/{world.opportunity.pk}/{page}/" for page in ("items", "people", "correct")),
        f"/opportunities/{world.opportunity.pk}/move/?stage={world.stages[1].pk}", "/opportunities/targets/",
        f"/settings/pipelines/{world.pipeline.pk}/", "/settings/lists/competitors/",
        "/reports/pipeline/", "/reports/pipeline/?by=salesperson&then=source&percentage_from=1", "/reports/forecast-over-time/", "/reports/forecast/",
        "/reports/statistics/?chart=pie", "/reports/opportunities/", "/reports/stage-analysis/", "/reports/source-distribution/", "/reports/won/", "/reports/lost/",
        f"/reports/opportunities/?competitor=none&code_from=P000001&also={world.partner.pk}",
        "/reports/my-open/", "/reports/my-closed/", "/reports/dynamic/", "/reports/conversion/", "/reports/conversion/?move=ended", "/reports/pipeline/?compare=2026-01-01",
        "/reports/bridge/", "/reports/bridge/?move=new", "/reports/inactive/", "/reports/activities/",
        "/?arrange=1", "/tiles/target/", "/tiles/report-forecast/", "/forecast/", f"/forecast/{world.alice.pk}/", "/reports/forecast-accuracy/",
        "/reports/schedules/", "/reports/schedules/new/?report=lost", "/imports/", "/imports/new/", f"/imports/{run.pk}/", "/imports/mappings/", "/settings/", "/settings/company/",
        "/settings/users/", "/settings/users/new/", "/settings/teams/", "/settings/roles/", f"/settings/roles/{world.eve.role.pk}/", "/settings/pipelines/",
        "/settings/lists/sources/", "/settings/currencies/", usd.get_absolute_url(), "/profile/", "/profile/tokens/", "/account/password/change/", "/account/2fa/", "/nowhere/",
    ]  # fmt: skip


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_every_page_is_open_to_everyone(world, visit, language, theme, width):
    run = run_of("Name;Phone\nLopukh;84950000000\n;1\n", world.eve, write=False)
    visitor = visit(world.eve, language, theme, width)
    wrong = []
    for path in pages(world, run):
        visitor.go(path)
        wrong += [f"{path} {fault}" for fault in visitor.accessibility()]
        if visitor.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
            wrong.append(f"{path} is wider than the screen")
        if visitor.page.locator("option", has_text="---------").count():
            wrong.append(f"{path} has an empty choice of another look than pickers")
    complaints = [text for text in visitor.complaints if "404" not in text]
    assert not wrong, "\n".join(wrong)
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("path", ["/account/login/"])
def test_the_sign_in_page_is_open_to_everyone(world, chromium, live_server, visit, path):
    visitor = visit(world.eve)
    visitor.page.context.clear_cookies()
    visitor.go(path)
    assert visitor.accessibility() == []
