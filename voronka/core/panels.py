"""What the kernel shows among the settings."""

from django.utils.translation import gettext_lazy as _

from voronka.core.registry import Panel, panels

panels.add(
    "settings-custom-fields",
    Panel(
        "settings-custom-fields",
        "settings",
        _("Custom fields"),
        "core:custom_fields",
        order=10,
        permission="core.configure",
    ),
)
