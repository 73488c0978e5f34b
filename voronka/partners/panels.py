"""What partners show on other pages."""

from django.utils.translation import gettext_lazy as _

from voronka.core.registry import Panel, panels

panels.add("search-partners", Panel("search-partners", "search", _("Partners"), "partners:search", order=10))
_TITLES = {
    "groups": _("Partner groups"),
    "industries": _("Industries"),
    "sources": _("Information sources"),
    "territories": _("Territories"),
    "tags": _("Tags"),
    "priorities": _("Priorities"),
    "contact_roles": _("Roles of contacts"),
    "payment_terms": _("Payment terms"),
}
for order, slug in enumerate(_TITLES, 30):
    panels.add(
        f"settings-{slug}", Panel(f"settings-{slug}", "settings", _TITLES[slug], f"partners:set_up_{slug}", order=order)
    )
panels.add(
    "settings-assignment",
    Panel(
        "settings-assignment",
        "settings",
        _("Assignment of leads"),
        "partners:assignment",
        order=50,
        permission="core.configure",
    ),
)
