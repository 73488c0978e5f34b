"""Every page asks for a signed-in person and speaks their language in their time zone."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation

from voronka.core.models import Company

Answer = Callable[[HttpRequest], HttpResponse]

# What a visitor may ask for. The API signs in by itself, and answers 401.
OPEN: Final = ("/account/", "/welcome/", "/healthz/", "/api/", "/static/", "/language/", "/consent/", "/calendar/feed/")


class SignInRequired:
    """Visitors are led to the sign-in page, or on a new installation to the first-run page."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN):
            return self.get_response(request)
        if request.user.is_authenticated:
            # The person without the lazy wrapper around them, through which a page would ask two hundred times.
            request.user = getattr(request.user, "_wrapped", request.user)
            return self.get_response(request)
        if not Company.objects.exists():
            return redirect("accounts:first_run")
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": reverse(settings.LOGIN_URL)})
        return redirect_to_login(request.get_full_path())


class Personal:
    """Language and time zone of the person; of the browser and the company where they chose none."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Whatever is activated from here on ends with the request.
        with translation.override(None), timezone.override(None):
            follow(request, request.user)
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
            return response


def follow(request: HttpRequest, user: Any) -> None:
    """Speak the language of the person and keep their time for the rest of the request; also of one known only later, by an API key."""
    language = getattr(user, "language", "") or translation.get_language_from_request(request)
    translation.activate(language)
    timezone.activate(zoneinfo.ZoneInfo(getattr(user, "time_zone", "") or settings.TIME_ZONE))
    request.LANGUAGE_CODE = language
