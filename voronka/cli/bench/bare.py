"""The limit: the same jobs by bare views with one indexed SQL statement each; no middleware, no templates, no sign-in.

A WSGI application of its own: Django with a database and these addresses, and nothing else.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

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
_WORK: Final = """
    SELECT a.id, a.title, a.kind, a.status, a.happened_at, u.name, p.name FROM activities_activity a JOIN accounts_user u ON u.id = a.owner_id
    LEFT JOIN partners_partner p ON p.id = a.partner_id WHERE a.deleted_at IS NULL AND
"""
_FIRST: Final = " ORDER BY a.happened_at DESC, a.id DESC LIMIT 50"
_NEXT: Final = " ORDER BY a.happened_at, a.id LIMIT 50"
# The rest of the statement, by what is asked.
_WORK_OF: Final = {
    "all": f"true {_FIRST}",
    "written": "true ORDER BY a.created_at DESC, a.id DESC LIMIT 50",
    "overdue": f"a.status = 'open' AND a.happened_at < now() {_NEXT}",
    "people": f"a.status = 'open' AND a.owner_id = ANY (%s) AND a.happened_at < now() + interval '7 days' {_NEXT}",
    "of-people": f"a.owner_id = ANY (%s) {_FIRST}",
    "week": "a.owner_id = ANY (%s) AND a.starts_at >= now() - interval '3 days' AND a.starts_at < now() + interval '4 days' ORDER BY a.starts_at",
    "partner": f"a.partner_id = %s {_FIRST}",
    "own-words": f"a.owner_id = ANY (%s) AND a.words @@ plainto_tsquery('russian', %s) {_FIRST}",
    "words": f"a.words @@ plainto_tsquery('russian', %s) {_FIRST}",
}  # fmt: skip


def _answer(statement: str, *values: str | int | list[int]) -> HttpResponse:
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


def work(request: HttpRequest, what: str) -> HttpResponse:
    keys: list[int] = [int(key) for key in request.GET.getlist("key")]
    asked: list[Any] = keys if what == "partner" else [keys] if keys else []
    return _answer(_WORK + _WORK_OF[what], *asked, *request.GET.getlist("q"))


def create(request: HttpRequest) -> HttpResponse:
    return _answer(_CREATE, request.POST["name"])


urlpatterns = [
    path("list/", listed),
    path("one/<slug:kind>/<int:pk>/", one),
    path("search/", search),
    path("activities/<slug:what>/", work),
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
