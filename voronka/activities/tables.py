"""Columns of the list of activities."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from voronka.core.tables import Column, Table

ACTIVITIES = Table(
    [
        Column("text", _("Text"), "excerpt", kind="link"),
        Column("partner", _("Partner"), "partner__name", kind="related", extra=("partner_id",), to="partners:detail"),
        Column("owner", _("Author"), "owner__name", kind="person"),
        Column("happened_at", _("When"), kind="moment", sort="happened_at"),
    ],
    default_sort="-happened_at",
    detail="activities:detail",
)
