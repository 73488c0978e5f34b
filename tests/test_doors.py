"""Every door is locked: all URLs as anonymous, stranger, colleague and boss; no door fetches past the access rule."""

import ast
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import voronka
from voronka.activities.models import Absence
from voronka.activities.tests import make as activities
from voronka.campaigns.tests import make as segments
from voronka.core.models import Lookup
from voronka.handover.tests import make as handovers

PACKAGE = Path(voronka.__file__).parent
# Doors that stand open on purpose: one signs in, sets up a new installation or asks whether the server lives.
# the link in a message withdraws a consent (its token is the key).
OPEN = {"accounts:first_run", "core:health", "campaigns:withdraw", "activities:feed"}
# Pages whose record is everybody's or one's own: a stranger opens them too.
SHARED = {"accounts:user_edit", "accounts:team_edit", "accounts:role_edit"}
ROOMS = (
    "views",
    "calendar_views",
    "calendar_forms",
    "letter_views",
    "letter_forms",
    "calendar",
    "api",
    "importing",
    "panels",
    "forms",
    "tables",
)


def patterns(resolver=None, namespace=""):
    """(name, parameters) of every URL of ours."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if (
                entry.app_name in ("ninja", "api-1.0.0")
                or "api" in str(entry.pattern)
                or "account" in str(entry.pattern)
            ):
                continue
            yield from patterns(entry, entry.namespace or namespace)
        elif isinstance(entry, URLPattern) and entry.name:
            kinds = {name: type(kind).__name__ for name, kind in entry.pattern.converters.items()}
            yield f"{namespace}:{entry.name}", tuple(sorted(kinds.items()))


URLS = sorted(set(patterns()))


def owned(world, name):
    """The record of Alice's that the page with this name is about, or None for pages without one."""
    call = activities.planned(world.alice, partner=world.partner, opportunity=world.opportunity)
    segment = segments.segment(world.alice)
    if name.startswith("activities:absence"):
        return Absence.objects.create(owner=world.alice, first_on=date(2030, 1, 1), last_on=date(2030, 1, 2))
    if name.startswith("handover:"):
        handed = handovers.wanted(world.alice, world.bob)
        handed.save()
        return handed
    by_app = {"partners": world.partner, "opportunities": world.opportunity, "activities": call, "campaigns": segment}
    return by_app.get(name.split(":")[0])


@pytest.mark.parametrize(("name", "parameters"), URLS)
def test_a_visitor_gets_nowhere(client, db, name, parameters):
    if name in OPEN:
        return
    address = reverse(name, kwargs={key: 1 if kind == "IntConverter" else "x" for key, kind in parameters})
    for answer in (client.get(address), client.post(address)):
        assert answer.status_code in (302, 401, 403), f"{name} answers {answer.status_code}"
        if answer.status_code == 302:
            assert "/account/login/" in answer["Location"] or "/welcome/" in answer["Location"]


@pytest.mark.parametrize(
    ("name", "parameters"), [(n, p) for n, p in URLS if p == (("pk", "IntConverter"),) and n not in SHARED]
)
def test_a_stranger_finds_nothing_and_the_boss_does(world, sign_in, name, parameters):
    record = owned(world, name)
    if record is None:
        return
    address = reverse(name, kwargs={"pk": record.pk})
    assert sign_in(world.charlie).get(address).status_code in (404, 405), f"{name} shows Alice's record to Charlie"
    assert sign_in(world.charlie).post(address).status_code in (404, 405), f"{name} lets Charlie write Alice's record"
    assert sign_in(world.bob).get(address).status_code in (200, 302, 405), f"{name} is closed to Alice's head"
    assert sign_in(world.dana).get(address).status_code in (200, 302, 405), f"{name} is closed to the boss"


def set_up():
    """(name, address) of every page of the settings; a record in the address is the first one. Their table of contents writes nothing."""
    for name, parameters in URLS:
        if all(kind == "IntConverter" for _key, kind in parameters):
            address = reverse(name, kwargs={key: 1 for key, _kind in parameters})
            if address.startswith("/settings/") and name != "accounts:settings":
                yield name, address


def values():
    """Every value of every list the company keeps, as the database has it."""
    return {
        model: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if issubclass(model, Lookup)
    }


@pytest.mark.parametrize(("name", "address"), list(set_up()))
def test_whoever_does_not_configure_changes_no_set_up(world, sign_in, name, address):
    """Stages, interests, competitors, reasons and all other lists: neither a new value nor another name for one that stands there."""
    known = {
        model: model._base_manager.create(name="As it was") for model in apps.get_models() if issubclass(model, Lookup)
    }
    before, client = values(), sign_in(world.alice)
    for given in (
        {"name": "Of a stranger"},
        *({"pk": one.pk, "name": "Of a stranger", "act": "delete"} for one in known.values()),
    ):
        assert client.post(address, given).status_code in (403, 404, 405), f"{name} lets a salesperson write"
    assert client.get(address).status_code in (403, 404, 405), f"{name} is open to a salesperson"
    assert values() == before


def fetches(tree):
    """Every `Something.objects` of a module with the name of the method called on it."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_base_manager", "_default_manager"):
            parent = parents.get(node)
            yield ast.unparse(node.value), parent.attr if isinstance(parent, ast.Attribute) else "", node.lineno


# Models without an owner: who works here, what the company calls its stages and sources (`model` is one of those lists).
LOOKUPS = {
    "model", "field.queryset.model",
    "Role", "Team", "Pipeline", "Stage", "Reason", "Interest", "InterestLevel", "OpportunityInterest", "Source", "Industry", "Territory", "PartnerGroup", "Tag",
    "Priority", "ContactRole", "PaymentTerms", "CustomField",
    "Currency", "Rate",
    "ActivityType", "ActivitySubject", "Outcome", "LetterTemplate",
    "Competitor", "Relationship",
}  # fmt: skip
# `none` asks for nothing; `same_key` looks past access on purpose and answers only "exists, belongs to N. N.";
# `said_about` asks for the notes of an opportunity fetched before, `to_do_by` for one's own work.
THROUGH_ACCESS = {
    "visible_to", "editable_by", "in_bin_of", "assignable_by", "visible_then", "none", "same_key",
    "reaching", "allows", "said_about", "to_do_by",
    # `known_to`, `occupying` and `starts_of` tell that somebody's time is taken, never by what.
    "known_to", "occupying", "starts_of", "people_of",
}  # fmt: skip


def rooms():
    files = [file for room in ROOMS for file in PACKAGE.glob(f"*/{room}.py")]
    return sorted([*files, *PACKAGE.glob("*/views/*.py"), *PACKAGE.glob("*/reports/*.py")])


@pytest.mark.parametrize("file", rooms(), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_doors_fetch_through_access(file):
    past = [
        f"line {line}: {model}.objects.{method}"
        for model, method, line in fetches(ast.parse(file.read_text("utf-8")))
        if method not in THROUGH_ACCESS and model not in LOOKUPS
    ]
    assert past == []


@pytest.mark.parametrize(
    "file",
    [
        f
        for f in rooms()
        if f.name in ("views.py", "calendar_views.py", "letter_views.py", "api.py") or f.parent.name == "views"
    ],
    ids=lambda f: f"{f.parent.name}/{f.stem}",
)
def test_doors_do_not_write(file):
    """Writes are actions: a door never saves, creates, updates or deletes rows itself."""
    writing = {"bulk_create", "bulk_update", "update_or_create", "get_or_create", "save", "delete"}
    calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
    written = [
        f"line {call.lineno}: {ast.unparse(call.func)}"
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in writing
        and not ast.unparse(call.func).startswith(("form.", "actions.", "kernel.", "router."))
    ]
    assert written == []
