"""The words of reading partners and what hangs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from voronka.core.access import ScopedQuerySet
from voronka.partners.rules import search_words

if TYPE_CHECKING:
    from voronka.partners.models import Partner

# Enough for a person choosing; a text that matches more than this needs another word, not a longer wait.
SEARCH_CAP = 1000


class PartnerQuerySet(ScopedQuerySet):
    scope_of: ClassVar[str] = "partners.partner"

    def for_list(self) -> Self:
        return self.select_related("owner", "territory", "industry", "source", "group")

    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)

    def search(self, text: str) -> Self:
        """Every word occurs in the name, code, tax id, phone or e-mail of the partner or of one of its contacts.

        Trigram indexes answer both halves; a UNION keeps them from being joined by OR, which would read the whole table.
        """
        words = search_words(text)
        if not words:
            return self.all()
        own, contacts = Q(), Q()
        for word in words:
            own &= Q(search__contains=word)
            contacts &= Q(search__contains=word)
        contact = self.model._meta.get_field("contacts").related_model
        found = (
            self.model._base_manager.filter(own)
            .values("pk")
            .union(contact._base_manager.filter(contacts).values("partner_id"))
        )
        return self.filter(pk__in=found)

    def same_key(self, *, tax_id: str = "", kpp: str = "", email: str = "", phone: str = "") -> Self:
        """Live partners that share an exact key: tax id (and KPP where both have one), e-mail or phone, contacts included."""
        query = Q(pk__in=[])
        if tax_id:
            query |= Q(tax_id=tax_id) & (Q(kpp="") | Q(kpp=kpp) if kpp else Q())
        if email:
            query |= Q(email=email.lower()) | Q(pk__in=self._of_contacts(email=email.lower()))
        if phone:
            query |= Q(phone=phone) | Q(phone2=phone) | Q(pk__in=self._of_contacts(phone=phone))
        return self.alive().filter(query)

    def _of_contacts(self, **key: str) -> models.QuerySet[Any]:
        contact = self.model._meta.get_field("contacts").related_model
        return contact._base_manager.filter(**key, deleted_at__isnull=True).values("partner_id")

    def duplicates_of(self, partner: Partner) -> Self:
        """Partners other than this one that share an exact key with it."""
        keys = {"tax_id": partner.tax_id, "kpp": partner.kpp, "email": partner.email, "phone": partner.phone}
        return self.same_key(**keys).exclude(pk=partner.pk)


class PartnerPartQuerySet(ScopedQuerySet):
    """Contacts, addresses and accounts: seen and changed by those who see and change the partner."""

    scope_of: ClassVar[str] = "partners.partner"
    owner_path: ClassVar[str] = "partner__owner"

    def of(self, partner: Partner) -> Self:
        return self.alive().filter(partner=partner)

    def visible_to(self, user: Any) -> Self:
        return super().visible_to(user).filter(partner__deleted_at__isnull=True)

    def editable_by(self, user: Any) -> Self:
        return super().editable_by(user).filter(partner__deleted_at__isnull=True)


class LookupQuerySet(models.QuerySet[Any]):
    """Values of the company's lists: known to everyone, changed by those who configure."""

    def visible_to(self, user: Any) -> Self:
        return self.all() if user.is_active else self.none()

    def editable_by(self, user: Any) -> Self:
        return self.all() if user.has_perm("core.configure") else self.none()

    def active(self) -> Self:
        return self.filter(is_active=True)
