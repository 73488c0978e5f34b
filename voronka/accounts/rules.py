"""Roles as shipped: how far each reaches in each kind of record, and what it may do at all. No Django here."""

from __future__ import annotations

from typing import Final

# The records that have scopes of their own; children (contacts, states, notes) borrow their parent's.
SCOPED: Final = (
    "partners.partner",
    "opportunities.opportunity",
    "activities.activity",
    "imports.importrun",
    "campaigns.segment",
)

# What a role may do at all, apart from which rows it sees.
PERMISSIONS: Final = (
    "core.configure",  # company settings, pipelines, lookup lists
    "core.export",  # lists and reports as files
    "accounts.manage_users",  # users, teams, roles
    "imports.run",  # bring files in
    "analytics.view",  # reports
    "opportunities.correct_history",  # edit past stages
    "core.share_views",  # publish a saved view to everyone
    "core.export_person",  # everything kept about one person, as a file
    "core.erase",  # erase a person's data for good
    "handover.run",  # hand over other people's work
)

_BUSINESS: Final = ("partners.partner", "opportunities.opportunity", "activities.activity")


def _scopes(see: str, edit: str, imports: str = "none") -> dict[str, dict[str, str]]:
    scopes = {label: {"see": see, "edit": edit} for label in (*_BUSINESS, "campaigns.segment")}
    return scopes | {"imports.importrun": {"see": imports, "edit": imports}}


_EVERYTHING: Final = list(PERMISSIONS)
_DESK: Final = ["core.export", "analytics.view"]

# slug -> (scopes, permissions). Names are words of the interface and are translated where they are shown.
ROLES: Final[dict[str, tuple[dict[str, dict[str, str]], list[str]]]] = {
    "administrator": (_scopes("all", "all", "all"), _EVERYTHING),
    "director": (
        _scopes("all", "all", "all"),
        [
            *_DESK,
            "imports.run",
            "core.configure",
            "core.share_views",
            "opportunities.correct_history",
            "core.export_person",
            "core.erase",
            "handover.run",
        ],
    ),
    "head-of-sales": (
        _scopes("team", "team", "own"),
        [*_DESK, "imports.run", "core.share_views", "opportunities.correct_history", "handover.run"],
    ),
    "salesperson": (_scopes("own", "own", "own"), [*_DESK, "imports.run"]),
    "marketer": (
        _scopes("all", "none", "own")
        | {label: {"see": "all", "edit": "all"} for label in ("partners.partner", "campaigns.segment")},
        [*_DESK, "imports.run", "core.share_views"],
    ),
    "service-engineer": (_scopes("all", "none"), []),
    "accountant": (_scopes("all", "none") | {"partners.partner": {"see": "all", "edit": "all"}}, _DESK),
    "observer": (_scopes("all", "none"), _DESK),
}
