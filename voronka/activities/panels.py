"""What activities show on other pages."""

from django.utils.translation import gettext_lazy as _

from voronka.core.registry import Panel, panels

panels.add("timeline", Panel("timeline", "partner", _("Timeline"), "activities:of_partner", order=10))
panels.add(
    "partner-contacts",
    Panel("partner-contacts", "partner-figures", _("Last contact"), "activities:partner_figures", order=10),
)
