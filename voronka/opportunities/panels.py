"""What opportunities show on other pages."""

from django.utils.translation import gettext_lazy as _

from voronka.core.registry import Panel, panels

panels.add("timeline", Panel("timeline", "partner", _("Timeline"), "opportunities:timeline_of_partner", order=10))
panels.add("opportunities", Panel("opportunities", "partner", _("Opportunities"), "opportunities:of_partner", order=20))
panels.add(
    "partner-figures",
    Panel("partner-figures", "partner-figures", _("Open opportunities"), "opportunities:partner_figures", order=20),
)
panels.add(
    "search-opportunities",
    Panel("search-opportunities", "search", _("Opportunities"), "opportunities:search", order=20),
)
_TITLES = {
    "pipelines": _("Pipelines and stages"),
    "set_up_interests": _("Interests"),
    "set_up_interest-levels": _("Levels of interest"),
    "set_up_reasons": _("Reasons"),
    "set_up_competitors": _("Competitors"),
    "set_up_relationships": _("Relationships"),
}
for order, (name, title) in enumerate(_TITLES.items(), 20):
    panels.add(
        f"settings-{name}",
        Panel(f"settings-{name}", "settings", title, f"opportunities:{name}", order=order, permission="core.configure"),
    )
