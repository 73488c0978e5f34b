"""The handover app."""

from django.apps import AppConfig


class HandoverConfig(AppConfig):
    name = "voronka.handover"
