"""What activities show on other pages."""

from django.utils.translation import gettext_lazy as _

from voronka.core.registry import Panel, panels

panels.add(
    "partner-contacts",
    Panel("partner-contacts", "partner-figures", _("Last contact"), "activities:partner_figures", order=10),
)
panels.add("files", Panel("files", "partner", _("Files"), "activities:files_of_partner", order=60))
panels.add(
    "files-of-opportunity",
    Panel("files-of-opportunity", "opportunity", _("Files"), "activities:files_of_opportunity", order=60),
)
panels.add("my-day", Panel("my-day", "home", _("To do today"), "activities:my_day", order=10))
panels.add("search-activities", Panel("search-activities", "search", _("Activities"), "activities:search", order=30))
panels.add("mailbox", Panel("mailbox", "profile", _("My mailbox"), "activities:mailbox", order=10))
_TITLES = {
    "activity-types": _("Activity types"),
    "activity-subjects": _("Activity subjects"),
    "outcomes": _("Outcomes of calls and meetings"),
    "letter-templates": _("Letter templates"),
}
for order, (slug, title) in enumerate(_TITLES.items(), 40):
    panels.add(
        f"settings-{slug}",
        Panel(
            f"settings-{slug}",
            "settings",
            title,
            f"activities:set_up_{slug}",
            order=order,
            permission="core.configure",
        ),
    )
panels.add(
    "settings-holidays",
    Panel("settings-holidays", "settings", _("Holidays"), "activities:holidays", order=45, permission="core.configure"),
)
panels.add("sequences", Panel("sequences", "partner", _("Sequences"), "activities:sequences_of_partner", order=50))
panels.add(
    "settings-sequences",
    Panel(
        "settings-sequences",
        "settings",
        _("Sequences of actions"),
        "activities:sequences",
        order=44,
        permission="core.configure",
    ),
)
