"""Partners for tests, as plain functions."""

from voronka.partners.models import Contact, Partner


def partner(owner, name="Romashka", **fields):
    made = Partner.objects.create(owner=owner, name=name, **fields)
    made.refresh_from_db()
    return made


def contact(partner, name="Anna", **fields):
    return Contact.objects.create(partner=partner, name=name, **fields)
