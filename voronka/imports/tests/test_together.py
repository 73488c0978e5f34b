"""Files that belong together come in as one run: checked, brought in and taken back together."""

import io
import zipfile

import pytest
from django.core.files.base import ContentFile

from voronka.core.errors import RuleBroken
from voronka.imports import actions
from voronka.imports.models import ImportRun
from voronka.imports.tests.make import run_of
from voronka.imports.tests.test_dialects import FOLDER
from voronka.imports.tests.test_undo import state
from voronka.opportunities.models import Opportunity
from voronka.partners.models import BankAccount, Contact, Partner

NAMES = [
    "deal-partners",
    "reasons",
    "interests",
    "competitors",
    "stages",
    "opportunities",
    "accounts",
    "addresses",
    "contacts",
    "partners",
]
B1 = [FOLDER / f"sap-b1_{name}.csv" for name in NAMES]
HEADS = {
    "stages": "ParentKey\tLineNum\tStartDate\tStageKey\tPercentageRate\n77\t0\t20250115\tLead\t10\n77\t1\t20250201\tMeeting\t30\n",
    "competitors": "ParentKey\tLineNum\tCompetition\tThreatLevel\tWonOrLost\n77\t0\tInk Ltd\ttlHigh\ttNO\n",
    "interests": "ParentKey\tLineNum\tInterestId\tPrimaryInterest\n77\t0\tPrinters\ttYES\n77\t1\tPaper\ttYES\n",
    "reasons": "ParentKey\tLineNum\tReason\n78\t0\tService\n",
    "deal-partners": "ParentKey\tLineNum\tPartners\tRelationshipCode\tDetails\n77\t0\tNorth Bank\tLender\t20 %\n77\t1\tNorth Bank\tOwner\t\n",
}


def archive(files=B1):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for file in files:
            made.writestr(file.name, HEADS.get(file.stem.split("_")[1]) or file.read_bytes())
        made.writestr("__MACOSX/._junk.csv", b"junk")
        made.writestr("readme.md", b"not a table")
    return ContentFile(target.getvalue())


@pytest.fixture
def bundle(world):
    return actions.receive(archive(), "b1.zip", by=world.dana)


def test_an_archive_of_business_one_comes_in_whole_and_goes_again(world, bundle):
    before = state()
    assert [part.kind for part in actions.parts_of(bundle)] == [
        "partners", "contacts", "addresses", "accounts", "opportunities", "stages", "competitors", "interests", "reasons",
        "deal-partners",
    ]  # fmt: skip
    actions.run_now(bundle, by=world.dana)
    assert (bundle.status, bundle.refused, bundle.rows) == ("done", 0, bundle.created)
    partner = Partner.objects.get(external_id="C20000")
    assert {a.kind for a in partner.addresses.all()} == {"billing", "shipping", "actual"} - (
        {"actual"} if partner.addresses.count() == 2 else set()
    )
    assert BankAccount.objects.get(partner=partner).account == "12345678"
    assert Contact.objects.get(name="Max Teq").partner == partner
    deal = Opportunity.objects.get(external_id="77")
    assert [s.stage.name for s in deal.states.order_by("since")][:2] == ["Lead", "Meeting"]
    assert deal.states.get(until=None).stage == deal.stage
    competitor = deal.dealcompetitors.get()
    assert (str(competitor), competitor.get_threat_display(), competitor.won) == ("Ink Ltd", "high", False)
    interests = deal.opportunityinterest_set.order_by("pk")
    assert [(str(one), one.is_primary) for one in interests] == [("Printers", True), ("Paper", False)]
    assert [str(one) for one in Opportunity.objects.get(external_id="78").reasons.all()] == ["Service"]
    bank = Partner.objects.get(name="North Bank")
    assert [(one.partner, str(one.relationship), one.details) for one in deal.dealpartners.all()] == [
        (bank, "Lender", "20 %"),
        (bank, "Owner", ""),
    ]
    actions.undo_now(bundle, by=world.dana)
    assert (bundle.status, bundle.removed > 5, list(actions.conflicts_of(bundle))) == ("undone", True, [])
    assert state() == before
    assert actions.run_now(bundle, by=world.dana).created == bundle.rows


def test_a_check_of_several_files_says_what_would_be_and_writes_nothing(world, bundle):
    before = state()
    actions.check(bundle, by=world.dana)
    assert state() == before
    assert (bundle.status, bundle.created, bundle.refused) == ("checked", bundle.rows, 0)
    assert {part.kind: part.created for part in bundle.parts.all()}["stages"] == 2


def test_a_file_nothing_of_which_is_known_is_left_out_and_said_so(world):
    odd = ContentFile(b"Colour;Weight\nred;5\n")
    known = ContentFile(b"Name;Phone\nFlax;84950000001\n")
    bundle = actions.receive_together([(odd, "odd.csv"), (known, "known.csv")], by=world.dana)
    assert {part.name: part.options["left_out"] for part in bundle.parts.all()} == {"odd.csv": True, "known.csv": False}
    assert actions.run_now(bundle, by=world.dana).created == 1


def test_a_bad_file_among_good_ones_is_named_and_none_is_taken(world):
    files = [(ContentFile(b"Name\nFlax\n"), "good.csv"), (ContentFile(b"\x89PNG\r\n\x1a\n" + bytes(50)), "bad.csv")]
    with pytest.raises(RuleBroken, match=r"bad\.csv: This is a picture"):
        actions.receive_together(files, by=world.dana)
    assert not ImportRun.objects.exists()


def test_pages_of_several_files(world, sign_in, bundle):
    client = sign_in(world.dana)
    page = client.get(f"/imports/{bundle.pk}/").content.decode()
    assert "sap-b1_partners.csv" in page
    part = bundle.parts.get(kind="contacts")
    form = {"kind": "contacts", "on_duplicate": "skip", "left_out": "on", "act": "back"} | {
        f"column-{place}": field for place, field in part.mapping.items()
    }
    assert client.post(f"/imports/{part.pk}/", form)["Location"] == f"/imports/{bundle.pk}/"
    assert "contacts" not in [one.kind for one in actions.parts_of(bundle)]
    assert "sap-b1_contacts.csv" not in client.get("/imports/").content.decode()
    assert sign_in(world.charlie).get(f"/imports/{bundle.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("competitors", "ParentKey;Competition;ThreatLevel\n77;Ink Ltd;tlHigh\n"),
        ("interests", "ParentKey;InterestId;PrimaryInterest\n77;Printers;tYES\n"),
        ("reasons", "ParentKey;LineNum;Reason\n77;0;Service\n"),
    ],
)
def test_nothing_is_hung_on_a_strangers_deal_by_a_file(world, kind, content):
    """Whoever may not change the deal brings in none of its side tables, and no new value of the company's lists either."""
    Opportunity.objects.filter(pk=world.opportunity.pk).update(external_id="77")
    before = state()
    run = run_of(content, world.charlie, create_missing=True)
    assert (run.kind, run.created, run.refused) == (kind, 0, 1)
    assert state() == before
    assert run_of(content, world.dana, create_missing=True).created == 1
