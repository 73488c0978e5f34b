"""Segments, texts and consents for tests, as plain functions."""

from voronka.campaigns import actions
from voronka.campaigns.models import ConsentText, Segment


def segment(owner, name="To call", **fields):
    return Segment.objects.create(owner=owner, name=name, **fields)


def text(title="News by e-mail", words="I agree to get news and offers."):
    found = ConsentText.objects.filter(title=title, text=words).first()
    return found or ConsentText.objects.create(title=title, version=1, text=words)


def consent(partner, contact=None, *, by, channels=("email",), **fields):
    return actions.record_consent(partner, contact, channels=list(channels), text=text(), by=by, **fields)[0]
