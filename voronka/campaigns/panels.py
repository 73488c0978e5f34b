"""What segments and consents show on other pages."""

from django.utils.translation import gettext_lazy as _

from voronka.core.registry import Panel, panels

panels.add("collect", Panel("collect", "list:partners:list", _("To a segment"), "campaigns:collect"))
panels.add("consents", Panel("consents", "partner", _("Consents"), "campaigns:of_partner", order=60))
panels.add(
    "contact-consents", Panel("contact-consents", "contact", _("Consents and personal data"), "campaigns:of_contact")
)
panels.add(
    "settings-consent-texts",
    Panel(
        "settings-consent-texts",
        "settings",
        _("Texts of consents"),
        "campaigns:texts",
        order=60,
        permission="core.configure",
    ),
)
panels.add(
    "settings-erasures",
    Panel(
        "settings-erasures",
        "settings",
        _("Register of erasures"),
        "campaigns:erasures",
        order=61,
        permission="core.erase",
    ),
)
