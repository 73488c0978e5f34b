"""The API is what docs/openapi.json says, and stands made-up calls: no server error, no answer outside its description.

A change on purpose: `voronka openapi docs/openapi.json`.
"""

import json
from pathlib import Path

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from voronka.accounts.actions import issue_token
from voronka.config.api import api

SNAPSHOT = Path(__file__).parent.parent / "docs" / "openapi.json"
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
OPERATIONS = [found.ok() for found in schema.get_all_operations()]


def test_the_snapshot_is_up_to_date(db):
    assert json.loads(json.dumps(api.get_openapi_schema(), default=str)) == json.loads(SNAPSHOT.read_text("utf-8"))


@pytest.fixture
def kept_connection():
    """The bare WSGI application would close the test's connection around each request, as a server does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


# Each under an id of its own: of tests that are called alike, a suite on several cores runs one.
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
@given(data=st.data())
@settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_made_up_calls_get_described_answers(world, kept_connection, operation, data):
    case = data.draw(operation.as_strategy())
    key = issue_token(world.dana, "made up")[1]
    answer = case.call(headers={"Authorization": f"Bearer {key}", "Host": "localhost"})
    case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance, status_code_conformance])
