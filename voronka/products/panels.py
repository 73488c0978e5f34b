"""What products show on other pages."""

from django.utils.translation import gettext_lazy as _

from voronka.core.registry import Panel, panels

panels.add(
    "settings-currencies",
    Panel(
        "settings-currencies", "settings", _("Currencies"), "products:currencies", order=10, permission="core.configure"
    ),
)
