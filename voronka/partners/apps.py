"""The partners app."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "voronka.partners"
