"""The kernel's app: loads the registries once all apps are ready."""

from django.apps import AppConfig

from voronka.core import registry


class CoreConfig(AppConfig):
    name = "voronka.core"

    def ready(self) -> None:
        registry.load()
