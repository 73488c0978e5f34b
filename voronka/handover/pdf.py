"""Briefs as PDF, set by Typst: the template holds no words of its own, and what people wrote comes as data, never as markup."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typst
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from voronka.core.models import Company

if TYPE_CHECKING:
    from voronka.handover.models import Brief

TEMPLATE: Final = Path(__file__).parent / "typst" / "brief.typ"


def of_brief(brief: Brief, sections: list[Any]) -> bytes:
    """One A4 page of a brief that was told in the active language."""
    content = {
        "language": get_language() or "en", "title": brief.partner.name, "under": under(brief), "company": Company.lately().name,
        "note": brief.handover.note, "sections": [_part(one) for one in sections],
    }  # fmt: skip
    made = typst.compile(TEMPLATE.read_bytes(), format="pdf", sys_inputs={"brief": json.dumps(content)})
    return bytes(made)  # type: ignore[arg-type]


def under(brief: Brief) -> str:
    """Who hands over to whom, and when."""
    names = {"giver": brief.handover.giver.name, "taker": brief.handover.taker.name}
    day = date_format(timezone.localtime(brief.handover.created_at), "SHORT_DATE_FORMAT")
    return _("From %(giver)s to %(taker)s, %(day)s") % (names | {"day": day})


def _part(section: Any) -> dict[str, Any]:
    words = ngettext("and %(count)s more", "and %(count)s more", section.rest) % {"count": section.rest}
    return asdict(section) | {"rest": words if section.rest else ""}
