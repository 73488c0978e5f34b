"""What activities show on other pages."""

from django.utils.translation import gettext_lazy as _

from voronka.core.registry import Panel, panels

panels.add("timeline", Panel("timeline", "partner", _("Timeline"), "activities:of_partner", order=10))
panels.add("files", Panel("files", "partner", _("Files"), "activities:files_of_partner", order=60))
panels.add(
    "files-of-opportunity",
    Panel("files-of-opportunity", "opportunity", _("Files"), "activities:files_of_opportunity", order=60),
)
