"""The shared world of the tests: Alice owns, Bob is on her team, Charlie is a stranger, Dana is the boss."""

import json
from collections import Counter
from types import SimpleNamespace

import pytest
from django.utils import translation

from voronka.accounts.tests import make as people
from voronka.core import custom
from voronka.core.models import Company
from voronka.opportunities.tests import make as opportunities
from voronka.partners.tests import make as partners


def pytest_collection_modifyitems(items):
    """Of tests that are called alike a suite on several cores runs only one, and says nothing: there may be none."""
    alike = [name for name, times in Counter(item.nodeid for item in items).items() if times > 1]
    if alike:
        raise pytest.UsageError(f"called alike: {', '.join(alike)}")


@pytest.fixture
def world(db):
    """Alice sells in the team Bob heads; Charlie sells in another; Dana directs; Eve administers.

    Alice has one partner (with a contact) and one open opportunity.
    """
    Company.objects.create(pk=1, name="Our Company", language="en")
    ours, theirs = people.team("North"), people.team("South")
    alice = people.user("Alice", team=ours)
    bob = people.user("Bob", "head-of-sales", team=ours)
    charlie = people.user("Charlie", team=theirs)
    dana = people.user("Dana", "director")
    eve = people.user("Eve", "administrator")
    partner = partners.partner(
        alice, "Romashka LLC", tax_id="7707083893", phone="+74951234567", email="info@romashka.example"
    )
    contact = partners.contact(
        partner, "Anna Petrova", phone="+79161234567", email="anna@romashka.example", is_default=True
    )
    opportunity = opportunities.opportunity(alice, 250000, partner=partner, name="Office chairs")
    return SimpleNamespace(
        alice=alice, bob=bob, charlie=charlie, dana=dana, eve=eve, ours=ours, theirs=theirs,
        partner=partner, contact=contact, opportunity=opportunity, pipeline=opportunity.pipeline, stages=list(opportunity.pipeline.stages.all()),
    )  # fmt: skip


@pytest.fixture
def sign_in(client):
    """Signs a person in without the form and hands back the client."""

    def signed_in(user):
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def call(client):
    """Calls the API as a person; hands back (status, what was answered)."""

    def called(person, method, path, body=None):
        client.force_login(person)
        sent = body if method == "get" else json.dumps(body or {})
        answer = getattr(client, method)(f"/api/v1{path}", sent, content_type="application/json")
        return answer.status_code, answer.json() if answer.content else None

    return called


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """However slow the machine is, a report is counted to its end and not put off to a page that waits for it."""
    monkeypatch.setattr("voronka.analytics.views.PATIENCE", 0)


@pytest.fixture(autouse=True)
def quick_settings(settings, tmp_path):
    """Fast password hashing, English, files in a folder of the test, static files without the manifest of a release."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path
    settings.LANGUAGE_CODE = "en"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    Company.forget()
    custom.forget()
    with translation.override("en"):
        yield
