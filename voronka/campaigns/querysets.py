"""The words of reading segments, consents, and what was done about persons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from voronka.campaigns import rules
from voronka.core.access import ScopedQuerySet

if TYPE_CHECKING:
    from voronka.accounts.models import User


class SegmentQuerySet(ScopedQuerySet):
    """Segments: within the role's scope, and those shared with everyone. A shared one is changed by its owner's circle only."""

    scope_of: ClassVar[str] = "campaigns.segment"

    def visible_to(self, user: User) -> Self:
        if not user.is_active:
            return self.none()
        return self.alive().filter(Q(pk__in=super().visible_to(user).values("pk")) | Q(is_shared=True))

    def search(self, text: str) -> Self:
        """Every word occurs in the name or the remarks."""
        rows = self
        for word in text.split():
            rows = rows.filter(Q(name__icontains=word) | Q(remarks__icontains=word))
        return rows

    def static(self) -> Self:
        """Segments whose members are kept, by name."""
        return self.filter(kind="static").order_by("name", "pk")


class FillingQuerySet(models.QuerySet[Any]):
    """Fillings: seen with their segment, called off by those who may change it."""

    def visible_to(self, user: User) -> Self:
        return self._of(self._segments().visible_to(user))

    def editable_by(self, user: User) -> Self:
        return self._of(self._segments().editable_by(user))

    def busy(self) -> Self:
        """Those that wait or run."""
        return self.filter(status__in=["waiting", "running"])

    def _segments(self) -> Any:
        return self.model._meta.get_field("segment").related_model.objects

    def _of(self, segments: models.QuerySet[Any]) -> Self:
        return self.filter(segment__in=segments.order_by().values("pk"))


class OfPartnerQuerySet(ScopedQuerySet):
    """Consents and objections: seen and recorded by those who see and change the partner."""

    scope_of: ClassVar[str] = "partners.partner"
    owner_path: ClassVar[str] = "partner__owner"
    bin_path: ClassVar[str] = "partner__deleted_at"

    def of(self, partner: Any) -> Self:
        return self.filter(partner=partner).select_related("contact")

    def of_subject(self, partner: Any, contact: Any = None) -> Self:
        """Those of the contact, or without one those of the partner itself."""
        return self.filter(partner=partner, contact=contact)


class ConsentQuerySet(OfPartnerQuerySet):
    def in_force(self) -> Self:
        """Given and not withdrawn, and not run out."""
        return self.filter(withdrawn_at=None).filter(Q(until=None) | Q(until__gte=timezone.localdate()))

    def for_panel(self) -> Self:
        """Those that hold first, then the newest."""
        newest = F("withdrawn_at").desc(nulls_first=True)
        return self.select_related("contact", "text", "given_to").order_by(newest, "-given_at", "-pk")


class ObjectionQuerySet(OfPartnerQuerySet):
    def standing(self) -> Self:
        return self.filter(lifted_at=None)


class ConsentTextQuerySet(models.QuerySet[Any]):
    """Wordings: known to everyone who works here, written by those who configure."""

    def visible_to(self, user: User) -> Self:
        return self.all() if user.is_active else self.none()

    def editable_by(self, user: User) -> Self:
        return self.all() if user.has_perm("core.configure") else self.none()

    def current(self) -> Self:
        """The latest version of each wording that is in use."""
        later = self.model._base_manager.filter(title=OuterRef("title"), version__gt=OuterRef("version"))
        return self.filter(~Exists(later), is_active=True).order_by("title")


class ExportQuerySet(models.QuerySet[Any]):
    """Exports of a person's data are seen by the one who asked for them alone."""

    def visible_to(self, user: User) -> Self:
        return self.filter(by=user) if user.has_perm("core.export_person") else self.none()

    def editable_by(self, user: User) -> Self:
        return self.visible_to(user)


class ErasureQuerySet(models.QuerySet[Any]):
    """The register of erasures: read by those who may erase, changed by nobody."""

    def visible_to(self, user: User) -> Self:
        return self.all() if user.has_perm("core.erase") else self.none()

    def newest(self) -> Self:
        return self.select_related("by").order_by("-pk")


def may_be_contacted(rows: models.QuerySet[Any], channel: str) -> models.QuerySet[Any]:
    """Of these partners or contacts those that may be reached by the channel: there is an address, nobody objected (for a contact: neither
    they nor their partner), and where the channel needs one a consent is in force.
    """
    return rows.filter(reach(rows.model, channel))


def within_reach(rows: models.QuerySet[Any], channel: str) -> models.QuerySet[Any]:
    """The same for the members of a segment: a partner counts where it or one of its people may be contacted."""
    return rows.filter(member_reach(rows.model, channel))


def member_reach(model: type[models.Model], channel: str) -> Q:
    """The condition of `within_reach`."""
    names = {field.name for field in model._meta.get_fields()}
    if "contacts" not in names:
        return reach(model, channel)
    contact: Any = model._meta.get_field("contacts").related_model
    people = may_be_contacted(contact._base_manager.filter(partner=OuterRef("pk"), deleted_at=None), channel)
    return reach(model, channel) | Q(Exists(people))


def reach(model: type[models.Model], channel: str) -> Q:
    """The condition of `may_be_contacted`, for rows of partners or contacts; also good for an annotation."""
    names = {field.name for field in model._meta.get_fields()}
    of_contact = "partner" in names
    key, partner = ("contact", "partner_id") if of_contact else ("partner", "pk")
    consents, objections = (
        model._meta.get_field(name).related_model.objects.all()  # type: ignore[union-attr]
        for name in ("consents", "objections")
    )
    own = {key: OuterRef("pk")} | ({} if of_contact else {"contact": None})
    standing = objections.standing().filter(channel=channel)
    condition = Q(~Exists(standing.filter(**own)))
    if of_contact:
        condition &= Q(~Exists(standing.filter(partner=OuterRef(partner), contact=None)))
    if rules.needs_consent(channel):
        condition &= Q(Exists(consents.in_force().filter(channel=channel, **own)))
    filled = Q()
    for name in rules.ADDRESSES[channel]:
        filled |= ~Q(**{name: ""}) if name in names else Q(pk=None)
    return condition & filled
