"""The front gate: one include per app."""

from django.urls import include, path

from voronka.config.api import api

# Asked in this order: what is asked most stands first.
urlpatterns = [
    path("api/v1/", api.urls),
    path("", include("voronka.opportunities.urls")),
    path("", include("voronka.partners.urls")),
    path("", include("voronka.activities.urls")),
    path("", include("voronka.core.urls")),
    path("", include("voronka.analytics.urls")),
    path("", include("voronka.accounts.urls")),
    path("", include("voronka.products.urls")),
    path("", include("voronka.campaigns.urls")),
    path("", include("voronka.handover.urls")),
    path("", include("voronka.imports.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/", include("allauth.account.urls")),
]

handler403 = "voronka.core.pages.forbidden"
handler404 = "voronka.core.pages.not_found"
handler500 = "voronka.core.pages.server_error"
