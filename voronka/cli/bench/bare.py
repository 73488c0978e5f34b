"""The limit: the same jobs by bare views with one indexed SQL statement each; no middleware, no templates, no sign-in.

A WSGI application of its own: Django with a database and these addresses, and nothing else.
"""

from __future__ import annotations

import secrets
from typing import Final

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from voronka.config.database import database_settings

_LIST: Final = """
    SELECT o.id, o.name, o.potential_company, p.name FROM opportunities_opportunity o JOIN partners_partner p ON p.id = o.partner_id
    WHERE o.deleted_at IS NULL ORDER BY o.potential_company DESC, o.id DESC LIMIT 50
"""
_ONE: Final = {
    "opportunity": "SELECT id, name, potential, status FROM opportunities_opportunity WHERE id = %s",
    "partner": "SELECT id, name, phone, email FROM partners_partner WHERE id = %s",
}
_SEARCH: Final = "SELECT id, name FROM partners_partner WHERE search LIKE %s AND deleted_at IS NULL LIMIT 8"
_CREATE: Final = """
    INSERT INTO partners_partner (created_at, updated_at, version, owner_id, name, kind, legal_status, is_channel, country, full_name, tax_id, kpp, ogrn,
        phone, phone2, email, website, remarks, external_id)
    SELECT now(), now(), 1, min(id), %s, 'lead', 'company', false, 'RU', '', '', '', '', '', '', '', '', '', '' FROM accounts_user RETURNING id
"""


def _answer(statement: str, *values: str | int) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        rows = cursor.fetchall()
    return HttpResponse("".join(f"<tr>{''.join(f'<td>{value}</td>' for value in row)}</tr>" for row in rows))


def listed(request: HttpRequest) -> HttpResponse:
    return _answer(_LIST)


def one(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    return _answer(_ONE[kind], pk)


def search(request: HttpRequest) -> HttpResponse:
    return _answer(_SEARCH, f"%{request.GET['q']}%")


def create(request: HttpRequest) -> HttpResponse:
    return _answer(_CREATE, request.POST["name"])


urlpatterns = [
    path("list/", listed),
    path("one/<slug:kind>/<int:pk>/", one),
    path("search/", search),
    path("create/", create),
]

settings.configure(
    DATABASES={"default": database_settings()},
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY=secrets.token_hex(),
    USE_TZ=True,
)
application = get_wsgi_application()
