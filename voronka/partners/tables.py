"""Columns of the lists of partners."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from voronka.core.tables import Column, Table
from voronka.partners.models import Partner

PARTNERS = Table(
    [
        Column("name", _("Name"), kind="link", sort="name_key"),
        Column("kind", _("Kind"), kind="choice", choices=tuple(Partner.Kind.choices)),
        Column("owner", _("Owner"), "owner__name", kind="person"),
        Column("phone", _("Phone"), kind="phone"),
        Column("email", _("E-mail"), kind="email"),
        Column("industry", _("Industry"), "industry__name"),
        Column("territory", _("Territory"), "territory__name"),
        Column("source", _("Source"), "source__name", shown=False),
        Column("group", _("Group"), "group__name", shown=False),
        Column("code", _("Code"), shown=False),
        Column("tax_id", _("Tax ID"), shown=False),
        Column("created_at", _("Created"), kind="moment", sort="created_at"),
        Column("updated_at", _("Changed"), kind="moment", sort="updated_at", shown=False),
    ],
    default_sort="name",
    detail="partners:detail",
)
