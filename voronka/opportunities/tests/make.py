"""Pipelines and opportunities for tests, as plain functions."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from voronka.opportunities import actions
from voronka.opportunities.models import Opportunity, Pipeline, Reason, Stage
from voronka.partners.tests import make as partners

STAGES = (("First contact", 10), ("Meeting", 30), ("Quotation", 60), ("Negotiation", 80))


def pipeline(name="Sales", **fields):
    fields.setdefault("is_default", not Pipeline.objects.filter(is_default=True).exists())
    made = Pipeline.objects.create(name=name, **fields)
    for place, (stage, percentage) in enumerate(STAGES):
        Stage.objects.create(pipeline=made, name=stage, position=place, percentage=percentage)
    return made


def the_pipeline():
    return Pipeline.objects.filter(is_default=True).first() or pipeline()


def opportunity(owner, potential=1000, partner=None, stage=None, **fields):
    stage = stage or the_pipeline().stages.first()
    partner = partner or partners.partner(owner)
    made = Opportunity(
        owner=owner,
        partner=partner,
        pipeline=stage.pipeline,
        stage=stage,
        potential=Decimal(potential),
        percentage=fields.pop("percentage", stage.percentage),
        predicted_close_on=fields.pop("predicted_close_on", timezone.localdate() + timedelta(days=30)),
        **fields,
    )
    return actions.open_opportunity(made, by=owner)


def reason(name="Price"):
    return Reason.objects.get_or_create(name=name)[0]
