"""The words of reading partners and what hangs on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Aggregate, Count, Exists, ExpressionWrapper, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from voronka.core.access import Scope, ScopedQuerySet
from voronka.partners.rules import search_words


class Median(Aggregate):
    """The middle value."""

    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = models.DurationField()


class PartnerQuerySet(ScopedQuerySet):
    scope_of: ClassVar[str] = "partners.partner"

    def for_list(self) -> Self:
        return self.select_related("owner", "territory", "industry", "source", "group")

    def for_card(self) -> Self:
        """With everything a card names, `absorbed`, the codes of the partners merged into this one, and `tag_names`."""
        merged = self.model._base_manager.filter(merged_into=OuterRef("pk")).order_by("pk").values("code")
        tags: Any = self.model._meta.get_field("tags").related_model
        names = tags._default_manager.filter(partners=OuterRef("pk")).order_by("position", "name").values("name")
        related = ("channel", "connected", "technician", "payment_terms", "priority")
        rows = self.for_list().select_related(*related)
        return rows.annotate(absorbed=ArraySubquery(merged), tag_names=ArraySubquery(names))

    def around(self, partner: Any, channel: Any, connected: Any) -> Self:
        """Whom a partner is linked with: its channel, its other side, and those it sells to; by name. The keys may be slots."""
        linked = Q(pk=channel) | Q(pk=connected) | Q(channel=partner)
        return self.filter(linked).order_by("name_key", "pk")

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
        # A merged partner's code and names lead to the one it was merged into.
        merged = self.model._base_manager.filter(own, merged_into__isnull=False).values("merged_into")
        return self.filter(pk__in=found.union(merged))

    def inactive(self, since: datetime) -> Self:
        """Known before the moment, and since then nobody was in contact and nothing was sold: no activity, no open opportunity, and no
        opportunity closed or opened later. What apps above know is asked by its name here, so that they need not be imported.
        """
        deals = self._of("opportunities")
        lively = deals.filter(Q(status="open") | Q(opened_on__gte=since) | Q(closed_on__gte=since))
        return self.silent_since(since).undocumented().filter(~Exists(lively), created_at__lt=since)

    def waiting(self, since: datetime) -> Self:
        """Leads that came in since the moment and had no word from us yet, who waits longest first."""
        new = self.filter(kind="lead", answered_at__isnull=True, created_at__gte=since)
        return new.select_related("owner", "source", "territory", "industry").order_by("created_at", "pk")

    def answer_times(self, since: datetime) -> models.QuerySet[Any, dict[str, Any]]:
        """By owner, of what came in since the moment: how many, how many had a word from us, and the median time until it came (None: none)."""
        wait = ExpressionWrapper(F("answered_at") - F("created_at"), output_field=models.DurationField())
        rows = self.filter(created_at__gte=since).filter(Q(kind="lead") | Q(became_customer_at__gte=since))
        return (
            rows.order_by()
            .values("owner", "owner__name")
            .annotate(n=Count("pk"), answered=Count("answered_at"), median=Median(wait))
            .order_by("owner__name")
        )

    def silent_since(self, since: datetime) -> Self:
        """Nobody was in contact since the moment, or ever."""
        return self.filter(~Exists(self._of("activities").filter(happened_at__gte=since)))

    def unspoken_since(self, since: datetime) -> Self:
        """No activity was done since the moment; what is planned, or was called off, is no word."""
        return self.filter(~Exists(self._of("activities").filter(status="done", happened_at__gte=since)))

    def with_plans(self, wanted: bool) -> Self:
        """Partners somebody has planned something with, or nobody has."""
        planned = Exists(self._of("activities").filter(status="open"))
        return self.filter(planned) if wanted else self.filter(~planned)

    def never_contacted(self) -> Self:
        """Not a single activity that happened."""
        return self.filter(~Exists(self._of("activities").filter(status="done")))

    def with_open_opportunity(self) -> Self:
        return self.filter(Exists(self._of("opportunities").filter(status="open")))

    def without_open_opportunity(self) -> Self:
        return self.filter(~Exists(self._of("opportunities").filter(status="open")))

    def undocumented(self) -> Self:
        """Nothing of an upper app that protects its partner (a document, a payment) refers to it; opportunities are judged by their state.

        Found from the models: what is posted later is obeyed without being named here.
        """
        rows = self
        for relation in self.model._meta.related_objects:
            other: Any = relation.related_model
            protects = relation.on_delete is models.PROTECT and other._meta.app_label not in (
                "partners",
                "opportunities",
            )
            if protects:
                rows = rows.exclude(Exists(other._base_manager.filter(**{relation.field.name: OuterRef("pk")})))
        return rows

    def reached_by(self, column: str, wanted: bool = True) -> Self:
        """The partner itself or one of its contacts has a "phone" or an "email"; or, not `wanted`, nobody has."""
        own, people = ~Q(**{column: ""}), ~Q(**{column: ""})
        if column == "phone":
            own, people = own | ~Q(phone2=""), people | ~Q(mobile="")
        has = own | Q(Exists(self._of("contacts").filter(people)))
        return self.filter(has) if wanted else self.filter(~has)

    def at_address(self, text: str) -> Self:
        """One of the addresses has the text in its city or region."""
        words = Q(city__icontains=text) | Q(region__icontains=text)
        return self.filter(Exists(self._of("addresses").filter(words)))

    def with_reasons(self) -> Self:
        """With `last_contact`, and `deals`, the number of opportunities, all of them closed where the partner is inactive, and the day
        the last of them closed as `last_deal`: why a partner counts as inactive.
        """
        deals = self._of("opportunities").order_by().values("partner")
        return self.with_last_contact().annotate(
            deals=Coalesce(Subquery(deals.annotate(n=Count("pk")).values("n")), 0),
            last_deal=Subquery(deals.annotate(last=Max("closed_on")).values("last")),
        )

    def _of(self, name: str) -> models.QuerySet[Any]:
        """Live rows of the partner under the name of their relation."""
        other: Any = self.model._meta.get_field(name).related_model
        return other._base_manager.filter(partner=OuterRef("pk"), deleted_at__isnull=True)

    def with_last_contact(self) -> Self:
        """With `last_contact`, the moment of the latest activity that happened, or None."""
        latest = self._of("activities").filter(status="done").order_by("-happened_at")
        return self.annotate(last_contact=Subquery(latest.values("happened_at")[:1]))

    def same_key(self, *, tax_id: Any = "", kpp: Any = "", email: Any = "", phone: Any = "") -> Self:
        """Live partners that share an exact key: tax id (and KPP where both have one), e-mail or phone, contacts included.

        Keys are as they are stored (e-mail in small letters, phone in E.164), or slots of a prepared statement.
        """
        found = []
        if tax_id:
            found.append(self._own(Q(tax_id=tax_id) & (Q(kpp="") | Q(kpp=kpp) if kpp else Q())))
        if email:
            found += [self._own(Q(email=email)), self._of_contacts(email=email)]
        if phone:
            found += [self._own(Q(phone=phone)), self._own(Q(phone2=phone)), self._of_contacts(phone=phone)]
        # A union and not OR: each part walks its index, together they would read the whole table.
        return self.alive().filter(pk__in=found[0].union(*found[1:])) if found else self.none()

    def _own(self, key: Q) -> models.QuerySet[Any]:
        return self.model._base_manager.filter(key).values("pk")

    def _of_contacts(self, **key: Any) -> models.QuerySet[Any]:
        contact = self.model._meta.get_field("contacts").related_model
        return contact._base_manager.filter(**key, deleted_at__isnull=True).values("partner_id")


class PartnerPartQuerySet(ScopedQuerySet):
    """Contacts, addresses and accounts: seen and changed by those who see and change the partner."""

    scope_of: ClassVar[str] = "partners.partner"
    owner_path: ClassVar[str] = "partner__owner"

    def of(self, partner: Any) -> Self:
        return self.alive().filter(partner=partner)

    def visible_to(self, user: Any) -> Self:
        return super().visible_to(user).filter(partner__deleted_at__isnull=True)

    def editable_by(self, user: Any) -> Self:
        return super().editable_by(user).filter(partner__deleted_at__isnull=True)


class ContactQuerySet(PartnerPartQuerySet):
    """People at partners."""

    def with_role_names(self) -> Self:
        """Contacts with `role_names`, in the order of the list of roles."""
        role = self.model._meta.get_field("roles").related_model
        names = role._default_manager.filter(contacts=OuterRef("pk")).order_by("position", "name").values("name")
        return self.annotate(role_names=ArraySubquery(names))

    def search(self, text: str) -> Self:
        """Every word occurs in the name, phones or e-mail of the person, or every word in those of the partner: a UNION, as for partners."""
        words = search_words(text)
        if not words:
            return self.all()
        own, partners = Q(), Q()
        for word in words:
            own &= Q(search__contains=word)
            partners &= Q(partner__search__contains=word)
        people = self.model._base_manager
        return self.filter(pk__in=people.filter(own).values("pk").union(people.filter(partners).values("pk")))

    def reached_by(self, column: str, wanted: bool = True) -> Self:
        """The person has a "phone", a mobile one included, or an "email"; or, not `wanted`, has none."""
        none = Q(phone="", mobile="") if column == "phone" else Q(**{column: ""})
        return self.filter(none) if not wanted else self.exclude(none)


class LookupQuerySet(models.QuerySet[Any]):
    """Values of the company's lists: known to everyone, changed by those who configure."""

    def visible_to(self, user: Any) -> Self:
        return self.all() if user.is_active else self.none()

    def editable_by(self, user: Any) -> Self:
        return self.all() if user.has_perm("core.configure") else self.none()

    def active(self) -> Self:
        return self.filter(is_active=True)


class DuplicatePairQuerySet(models.QuerySet[Any]):
    """Pairs of which a person sees, or may change, both partners."""

    def visible_to(self, user: Any) -> Self:
        return self._both(self._partners().visible_to(user))

    def editable_by(self, user: Any) -> Self:
        return self._both(self._partners().editable_by(user))

    def open(self) -> Self:
        """Undecided pairs, the surest first."""
        return self.filter(status="open").select_related("first__owner", "second__owner").order_by("-score", "id")

    def _both(self, partners: Any) -> Self:
        return self.filter(first__in=partners, second__in=partners)

    def _partners(self) -> Any:
        return self.model._meta.get_field("first").related_model.objects.all()


class DuplicateScanQuerySet(models.QuerySet[Any]):
    """Comparisons: seen by those who decide pairs, started and called off by those who may change all partners."""

    def visible_to(self, user: Any) -> Self:
        return self.all() if user.scope_for("partners.partner", "edit") != Scope.NONE else self.none()

    def editable_by(self, user: Any) -> Self:
        return self.all() if user.scope_for("partners.partner", "edit") == Scope.ALL else self.none()

    def busy(self, alive_since: datetime) -> Self:
        """Those that wait or run and gave a sign of life since the moment."""
        return self.filter(status__in=["waiting", "running"], seen_at__gte=alive_since)

    def latest_first(self) -> Self:
        return self.order_by("-pk")


class AccessRequestQuerySet(models.QuerySet[Any]):
    """Requests: seen by who asked, answered by those who may change the partner."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(asked_by=user)

    def editable_by(self, user: Any) -> Self:
        partners = self.model._meta.get_field("partner").related_model.objects.editable_by(user)
        return self.filter(partner__in=partners.values("pk"))

    def open(self) -> Self:
        return self.filter(status="open")

    def for_list(self) -> Self:
        return self.select_related("partner", "asked_by", "asked_of", "answered_by").order_by("-pk")


class MergeQuerySet(ScopedQuerySet):
    """Merges: seen and taken apart by those who see and change the winner."""

    scope_of: ClassVar[str] = "partners.partner"
    owner_path: ClassVar[str] = "winner__owner"
    bin_path: ClassVar[str] = ""

    def standing(self) -> Self:
        """Merges that were not taken apart, newest first."""
        return self.filter(undone_at=None).select_related("winner", "loser", "by").order_by("-pk")
