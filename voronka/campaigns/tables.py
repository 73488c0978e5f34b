"""Columns of the list of segments and of the members of one."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from django.utils.translation import gettext_lazy as _

from voronka.campaigns.models import Segment
from voronka.core.tables import Column, Table
from voronka.partners.tables import PARTNERS

YES_NO: Final = ((True, _("yes")), (False, _("no")))

SEGMENTS: Final = Table(
    [
        Column("name", _("Name"), kind="link", sort="name"),
        Column("about", _("Consists of"), kind="choice", choices=tuple(Segment.About.choices)),
        Column("kind", _("Kind"), kind="choice", choices=tuple(Segment.Kind.choices)),
        Column("owner", _("Owner"), "owner__name", kind="person"),
        Column("is_shared", _("Shared"), kind="choice", choices=YES_NO),
        Column("remarks", _("Remarks"), shown=False),
        Column("created_at", _("Created"), kind="moment", sort="created_at", shown=False),
        Column("updated_at", _("Changed"), kind="moment", sort="updated_at"),
    ],
    default_sort="name",
    detail="campaigns:detail",
)

# Whether a member may be reached, by the two channels people ask about first.
REACH: Final = [
    Column("by_email", _("May be e-mailed"), kind="choice", choices=YES_NO),
    Column("by_phone", _("May be called"), kind="choice", choices=YES_NO),
]

# What tells members apart comes first; the other columns of partners can be chosen.
_SHOWN: Final = ("name", "owner", "phone", "email")
_PARTNER = [replace(column, shown=column.key in _SHOWN) for column in PARTNERS.columns]
PARTNER_MEMBERS: Final = Table([*_PARTNER, *REACH], default_sort=PARTNERS.default_sort, detail=PARTNERS.detail)

CONTACT_MEMBERS: Final = Table(
    [
        Column("name", _("Name"), kind="related", extra=("partner_id",), to="partners:detail"),
        Column("partner", _("Partner"), "partner__name", kind="related", extra=("partner_id",), to="partners:detail"),
        Column("position", _("Job title")),
        Column("phone", _("Phone"), kind="phone"),
        Column("email", _("E-mail"), kind="email"),
        Column("owner", _("Owner"), "partner__owner__name", kind="person"),
        *REACH,
        Column("number", _("Number"), "id", sort="id", shown=False),
    ],
    default_sort="-number",
    detail="partners:detail",
)
