"""What the wizard asks and remembers: saved mappings, garbled text, sheets, outcomes by tab, pause and resume, a word when it is done."""

import io
import json

import pytest
import xlsxwriter
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from voronka.accounts.models import Notice
from voronka.core.errors import RuleBroken
from voronka.core.registry import import_targets
from voronka.imports import actions, jobs
from voronka.imports.models import ImportRun, SavedMapping
from voronka.imports.tests.make import run_of
from voronka.imports.tests.test_pages import worked_off
from voronka.partners.models import Partner

ODD = "Firm;Dial;Shade\nFlax;84950000001;red\n"


def mapped_by_hand(person, **options):
    run = actions.receive(ContentFile(ODD.encode()), "odd.csv", by=person)
    actions.set_mapping(run, {"0": "name", "1": "phone"}, options, kind="partners", by=person)
    return actions.run_now(run, by=person)


def test_a_mapping_made_by_hand_is_offered_the_next_time(world):
    mapped_by_hand(world.alice)
    shuffled = ContentFile(b"SHADE;firm;Dial\nblue;Hemp;84950000002\n")
    run = actions.receive(shuffled, "next.csv", by=world.alice)
    assert (run.kind, run.mapping) == ("partners", {"1": "name", "2": "phone"})
    assert "saved" not in actions.receive(ContentFile(ODD.encode()), "odd.csv", by=world.bob).facts


def test_a_shared_mapping_is_offered_to_everybody(world, sign_in):
    mapped_by_hand(world.dana, share_mapping=True)
    assert actions.receive(ContentFile(ODD.encode()), "odd.csv", by=world.alice).mapping == {"0": "name", "1": "phone"}
    saved = SavedMapping.objects.get()
    assert b"odd.csv" in sign_in(world.alice).get("/imports/mappings/").content
    assert sign_in(world.alice).post(f"/imports/mappings/{saved.pk}/", {"act": "forget"}).status_code == 404
    sign_in(world.dana).post(f"/imports/mappings/{saved.pk}/", {"act": "keep"})
    assert "saved" not in actions.receive(ContentFile(ODD.encode()), "odd.csv", by=world.alice).facts
    sign_in(world.dana).post(f"/imports/mappings/{saved.pk}/", {"act": "forget"})
    assert not SavedMapping.objects.exists()


def test_what_was_proposed_anyway_is_not_kept(world):
    run_of("Name;Phone\nFlax;84950000001\n", world.dana)
    assert not SavedMapping.objects.exists()


GARBLED = "Наименование;Город\nРомашка;Йошкар-Ола\nЩука;Уфа\n".encode().decode("cp1251", "ignore")


def test_garbled_text_is_repaired_on_consent(world, sign_in, django_capture_on_commit_callbacks):
    run = actions.receive(ContentFile(GARBLED.encode()), "x.csv", by=world.dana)
    page = sign_in(world.dana).get(f"/imports/{run.pk}/").content.decode()
    assert "garbled" in page
    assert "Йошкар-Ола" in page
    with pytest.raises(RuleBroken, match="Say first whether"):
        actions.start(run, write=True, by=world.dana)
    actions.set_mapping(run, run.mapping, {"repair": "yes"}, by=world.dana)
    actions.start(run, write=True, by=world.dana)
    assert worked_off(run).created == 2
    assert Partner.objects.filter(name="Ромашка").exists()


def test_garbled_text_may_stay_as_it_is(world):
    run_of(GARBLED.encode(), world.dana, repair="no")
    assert not Partner.objects.filter(name="Ромашка").exists()
    assert Partner.objects.filter(name__startswith="Р").exists()


def workbook():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet("Read me").write_row(0, 0, ["How to fill this in"])
        book.worksheets()[0].write_row(1, 0, ["Carefully"])
        for name, firm in (("Firms", "Lopukh"), ("More", "Klyukva")):
            sheet = book.add_worksheet(name)
            for row, cells in enumerate([("Name", "Phone"), (firm, "84950000000")]):
                sheet.write_row(row, 0, cells)
    return target.getvalue()


def test_the_sheet_with_known_columns_is_read_and_another_can_be_chosen(world, sign_in):
    run = actions.receive(ContentFile(workbook()), "x.xlsx", by=world.dana)
    assert (run.facts["sheet"], run.kind) == ("Firms", "partners")
    sign_in(world.dana).post(
        f"/imports/{run.pk}/", {"kind": "partners", "on_duplicate": "skip", "act": "sheet", "sheet": "More"}
    )
    run.refresh_from_db()
    actions.run_now(run, by=world.dana)
    assert Partner.objects.filter(name="Klyukva").exists()
    with pytest.raises(RuleBroken):
        actions.choose_sheet(run, "None such", by=world.dana)


def test_the_check_shows_rows_and_reasons_by_outcome(world, sign_in):
    run = run_of(
        "Name;ИНН;Revenue\nFlax;7736050003;5\nFlax;7736050003;5\n;;\nBad;;-1\nRomashka;7707083893;\n",
        world.dana,
        write=False,
    )
    assert (run.created, run.skipped, run.refused) == (1, 2, 1)
    client = sign_in(world.dana)
    page = client.get(f"/imports/{run.pk}/").content.decode()
    assert "An amount is negative." in page
    assert ">5<" in page
    skipped = client.get(f"/imports/{run.pk}/?tab=skipped").content.decode()
    assert "stands in this file above" in skipped
    assert f"/partners/{world.partner.pk}/" in skipped


def test_pause_and_resume(world, sign_in, django_capture_on_commit_callbacks):
    rows = "".join(f"Firm {n};+7495{n:07d}\n" for n in range(5000))
    run = actions.receive(ContentFile(f"Name;Phone\n{rows}".encode()), "x.csv", by=world.alice)
    actions.start(run, write=True, by=world.alice)
    client = sign_in(world.alice)
    client.post(reverse("imports:pause", args=[run.pk]))
    run.refresh_from_db()
    assert run.status == "paused"
    assert "Go on" in client.get(f"/imports/{run.pk}/").content.decode()
    jobs.work(run.pk, True)  # the worker comes too late: nothing is done
    assert Partner.objects.count() == 1
    client.post(reverse("imports:resume", args=[run.pk]))
    assert (worked_off(run).status, run.created) == ("done", 5000)
    with pytest.raises(RuleBroken):
        actions.pause(run, by=world.alice)
    with pytest.raises(RuleBroken):
        actions.resume(run, by=world.alice)


def test_the_owner_is_told_when_it_is_done(world):
    run = actions.receive(ContentFile(b"Name;Phone\nFlax;84950000001\n"), "x.csv", by=world.alice)
    actions.start(run, write=True, by=world.alice)
    jobs.work(run.pk, True)
    notice = Notice.objects.get(user=world.alice)
    assert ("x.csv" in notice.title, notice.url) == (True, f"/imports/{run.pk}/")
    assert "1 created" in notice.text


def test_a_file_of_refused_rows_alone_says_why(world, sign_in):
    run = run_of("Name;Revenue\nA;-5\nB;-6\n", world.dana)
    assert "negative" in run.message
    assert "No row of the file can be taken" in sign_in(world.dana).get(f"/imports/{run.pk}/").content.decode()


def test_an_option_takes_only_its_values(world):
    run = actions.receive(ContentFile(b"Name\nA\n"), "x.csv", by=world.dana)
    for wrong in ({"on_duplicate": "destroy"}, {"create_missing": "perhaps"}):
        with pytest.raises(RuleBroken, match="takes"):
            actions.set_mapping(run, run.mapping, wrong, by=world.dana)


def test_several_files_dropped_at_once(world, sign_in):
    files = [SimpleUploadedFile("a.csv", b"Name;Phone\nFlax;1\n"), SimpleUploadedFile("b.csv", b"Name;Phone\nHemp;2\n")]
    answer = sign_in(world.alice).post("/imports/new/", {"file": files})
    run = ImportRun.objects.get(bundle=None)
    assert (answer["Location"], run.parts.count()) == (f"/imports/{run.pk}/", 2)


def test_programs_see_the_outcome(world, client):
    from voronka.accounts.actions import issue_token

    run = run_of("Name;Revenue\nA;-5\nB;6\n", world.alice, write=False)
    key = {"Authorization": f"Bearer {issue_token(world.alice, 'test')[1]}"}
    found = {one["action"]: one for one in client.get(f"/api/v1/imports/{run.pk}/outcome", headers=key).json()}
    assert found["refused"]["reasons"] == [["negative", 1]]
    assert json.dumps(found["created"]["rows"][0][3]).count("B") == 1


def test_a_person_has_a_name_and_no_title_in_russian():
    with translation.override("ru"):
        for target in import_targets:
            labels = {name: str(field.label) for name, field in target.fields.items()}
            assert len(set(labels.values())) == len(labels), target.title
            if "contact_name" in labels:
                assert labels["contact_name"] == "Контактное лицо: Имя"
        assert str(import_targets.get("contacts").fields["name"].label) == "Имя"
