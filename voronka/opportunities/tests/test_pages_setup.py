"""Doors of the set-up: pipelines with stages, lists of values."""

import pytest
from django.urls import reverse

from voronka.opportunities.models import Pipeline, Reason, Stage


def stages_of(pipeline, **more):
    rows = list(pipeline.stages.all()) if pipeline.pk else []
    data = {"stages-TOTAL_FORMS": len(rows) + 1, "stages-INITIAL_FORMS": len(rows)}
    for place, stage in enumerate(rows):
        row = {"id": stage.pk, "name": stage.name, "position": place, "percentage": stage.percentage, "is_active": "on"}
        data |= {f"stages-{place}-{key}": value for key, value in row.items()}
    return data | {f"stages-{len(rows)}-{key}": value for key, value in more.items()}


def test_a_pipeline_gets_another_stage(world, sign_in):
    address = reverse("opportunities:pipeline_edit", args=[world.pipeline.pk])
    new = {"name": "Contract", "position": 9, "percentage": "95", "usual_days": "5", "is_active": "on"}
    client = sign_in(world.eve)
    assert client.get(address).status_code == 200
    client.post(
        address,
        {"name": "Sales", "position": 1, "is_active": "on", "is_default": "on"} | stages_of(world.pipeline, **new),
    )
    assert (Stage.objects.get(name="Contract").percentage, world.pipeline.stages.count()) == (95, 5)


def test_a_new_default_pipeline_takes_the_place_of_the_old_one(world, sign_in):
    first = {"name": "First", "position": 1, "percentage": "20", "is_active": "on"}
    data = {"name": "Projects", "position": 2, "is_active": "on", "is_default": "on"} | stages_of(Pipeline(), **first)
    sign_in(world.eve).post(reverse("opportunities:pipeline_create"), data)
    assert Pipeline.objects.get(is_default=True).name == "Projects"
    assert "Projects" in sign_in(world.eve).get(reverse("opportunities:pipelines")).content.decode()


def test_a_percentage_beyond_a_hundred_stays_with_its_reason(world, sign_in):
    data = {"name": "Projects", "position": 2} | stages_of(Pipeline(), name="First", position=1, percentage="200")
    assert sign_in(world.eve).post(reverse("opportunities:pipeline_create"), data).status_code == 422
    assert not Pipeline.objects.filter(name="Projects").exists()


@pytest.mark.parametrize(
    "name", ["pipelines", "pipeline_create", "set_up_interests", "set_up_interest-levels", "set_up_reasons"]
)
def test_only_those_who_configure(world, sign_in, name):
    address = reverse(f"opportunities:{name}")
    assert sign_in(world.eve).get(address).status_code == 200
    assert sign_in(world.alice).get(address).status_code == 403
    assert sign_in(world.alice).post(address).status_code == 403


def test_reasons_are_added_and_kept_for_one_outcome(world, sign_in):
    client, address = sign_in(world.eve), reverse("opportunities:set_up_reasons")
    client.post(address, {"name": "Too dear"})
    reason = Reason.objects.get(name="Too dear")
    client.post(
        address, {"pk": reason.pk, "name": "Too expensive", "position": "3", "for_lost": "on", "is_active": "on"}
    )
    reason.refresh_from_db()
    assert (reason.name, reason.position, reason.for_won, reason.for_lost, reason.is_active) == (
        "Too expensive",
        3,
        False,
        True,
        True,
    )
