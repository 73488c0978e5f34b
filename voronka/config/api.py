"""The API under /api/v1/: routers of the apps, sign-in by token or session, one shape for every error.

`voronka openapi docs/openapi.json` renews the snapshot.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.openapi.docs import DocsBase
from ninja.security import HttpBearer, SessionAuth
from pydantic.json_schema import models_json_schema

from voronka.accounts.actions import user_of_token
from voronka.core.errors import RuleBroken
from voronka.core.middleware import follow
from voronka.core.schemas import REFUSALS


class Token(HttpBearer):
    """`Authorization: Bearer <key>`; the key sees and does what its holder may."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        user = user_of_token(token)
        if user is not None:
            request.user = user
            follow(request, user)
        return user


class NoPage(DocsBase):
    """The description is JSON; no page with scripts from elsewhere is served."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        return HttpResponse(status=404)


class Refusing(NinjaAPI):
    """Any call may be refused, always in the same shapes. They are described here once: told by each endpoint they would be six models of each,
    and building those was two fifths of loading the API.
    """

    def get_openapi_schema(self, **where: Any) -> Any:
        described = super().get_openapi_schema(**where)
        shapes: Any = [(shape, "serialization") for shape in set(REFUSALS.values())]
        references, found = models_json_schema(shapes, ref_template="#/components/schemas/{model}")
        described["components"]["schemas"] |= found["$defs"]
        refused = {
            status: {
                "description": HTTPStatus(status).phrase,
                "content": {self.renderer.media_type: {"schema": references[shape, "serialization"]}},
            }
            for status, shape in REFUSALS.items()
        }
        for calls in described["paths"].values():
            for call in calls.values():
                call["responses"] |= refused
        return described


api = Refusing(
    title="Voronka",
    version="1",
    description="Partners, opportunities, activities, reports and imports of a company. Rows outside one's scope are 404.",
    auth=[Token(), SessionAuth(csrf=True)],
    docs=NoPage(),
    docs_url=None,
    urls_namespace="api",
)


@api.exception_handler(RuleBroken)
def rule_broken(request: HttpRequest, broken: RuleBroken) -> HttpResponse:
    return api.create_response(
        request, {"code": broken.code, "message": str(broken), "field": broken.field}, status=409
    )


@api.exception_handler(PermissionDenied)
def forbidden(request: HttpRequest, denied: PermissionDenied) -> HttpResponse:
    return api.create_response(
        request, {"code": "forbidden", "message": _("This is not open to your role"), "field": ""}, status=403
    )


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    told = [{"loc": [str(part) for part in one["loc"]], "msg": one["msg"]} for one in error.errors]
    return api.create_response(request, {"detail": told}, status=422)


@api.exception_handler(DataError)
def beyond(request: HttpRequest, error: DataError) -> HttpResponse:
    """A number or a text no column can hold."""
    return api.create_response(request, {"detail": [{"loc": [], "msg": _("A value is out of range.")}]}, status=422)


for name in (
    "core",
    "accounts",
    "partners",
    "products",
    "activities",
    "opportunities",
    "campaigns",
    "handover",
    "analytics",
    "imports",
):
    api.add_router("", f"voronka.{name}.api.router", tags=[name])
