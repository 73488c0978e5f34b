"""Import through the pages and the API: map, check, bring in, take back."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from voronka.accounts.actions import issue_token
from voronka.imports import jobs
from voronka.imports.models import ImportRun
from voronka.partners.models import Partner

FILE = b"Name;Phone\nFlax;84950000001\nHemp;84950000002\n"


def worked_off(run):
    """What the worker does with the run."""
    run.refresh_from_db()
    if run.status == "undoing":
        jobs.undo(run.pk)
    else:
        jobs.work(run.pk, run.status == "running")
    run.refresh_from_db()
    return run


def test_four_steps_and_back(world, sign_in, django_capture_on_commit_callbacks):
    client = sign_in(world.alice)
    answer = client.post(reverse("imports:new"), {"file": SimpleUploadedFile("leads.csv", FILE)})
    run = ImportRun.objects.get()
    page = reverse("imports:detail", args=[run.pk])
    assert answer["Location"] == page
    form = {
        "kind": "partners",
        "on_duplicate": "skip",
        "without_partner": "refuse",
        "column-0": "name",
        "column-1": "phone",
    }
    client.post(page, form | {"act": "check"})
    assert (worked_off(run).status, run.created, Partner.objects.count()) == ("checked", 2, 1)
    client.post(page, form | {"act": "run"})
    assert "of 2" in client.get(f"{page}?part=state").content.decode()
    assert (worked_off(run).status, Partner.objects.count()) == ("done", 3)
    assert "Take the whole import back" in client.get(page).content.decode()
    client.post(reverse("imports:undo", args=[run.pk]))
    assert (worked_off(run).status, run.removed, Partner.objects.count()) == ("undone", 2, 1)
    assert "The import was taken back" in client.get(page).content.decode()


def test_a_strangers_import_is_not_there(world, sign_in):
    run = ImportRun.objects.create(owner=world.alice, kind="partners", name="x.csv", status="done")
    for person, status in ((world.charlie, 404), (world.dana, 302)):
        assert sign_in(person).post(reverse("imports:undo", args=[run.pk])).status_code == status


def test_programs_take_back_too(world, client):
    run = ImportRun.objects.create(owner=world.alice, kind="partners", name="x.csv", status="done")
    key = {"Authorization": f"Bearer {issue_token(world.alice, 'test')[1]}"}
    assert client.post(f"/api/v1/imports/{run.pk}/undo", headers=key).json()["status"] == "undoing"
    assert client.post(f"/api/v1/imports/{run.pk}/undo", headers=key).status_code == 409
    assert client.get(f"/api/v1/imports/{run.pk}/conflicts", headers=key).json() == []
    stranger = {"Authorization": f"Bearer {issue_token(world.charlie, 'test')[1]}"}
    assert client.get(f"/api/v1/imports/{run.pk}/conflicts", headers=stranger).status_code == 404
