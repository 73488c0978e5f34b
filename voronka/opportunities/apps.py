"""The opportunities app."""

from django.apps import AppConfig


class OpportunitiesConfig(AppConfig):
    name = "voronka.opportunities"
