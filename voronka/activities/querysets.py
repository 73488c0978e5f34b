"""The words of reading activities."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, Func, Max, Min, Model, OuterRef, Q, QuerySet

from voronka.activities.rules import LONGEST, search_terms
from voronka.core.access import Scope, ScopedQuerySet
from voronka.core.prepared import Prepared, Slot

if TYPE_CHECKING:
    from voronka.accounts.models import User


# So many of the newest texts tell whether words are frequent.
SAMPLE: Final = 500
IN_CALENDAR: Final = (
    "kind", "title", "text", "owner", "assigned_by", "partner__name", "owner__name", "starts_at", "ends_at", "due_on", "all_day", "happened_at", "location", "status", "is_private",
    "is_tentative", "series", "original_start", "version", "deleted_at",
)  # fmt: skip


# Most of a calendar is shorter; what is longer has an index of its own.
A_DAY: Final = timedelta(days=1)


class IsAmong(Func):
    """A key is one of an array: made first by a subquery, or given."""

    template, arg_joiner, output_field = "(%(expressions)s))", " = ANY (", BooleanField()


class Says(Func):
    """Stems match a query: what `@@` asks, without its index, whose reading costs more than the texts where words are frequent."""

    function, output_field = "ts_match_vq", BooleanField()


def in_query(terms: Any) -> SearchQuery:
    return SearchQuery(terms, config="russian", search_type="raw")


class Window(NamedTuple):
    """What a calendar shows: moments [first, last), a day before them, and the days they lie on. Slots for a prepared statement."""

    before: Any
    first: Any
    last: Any
    first_day: Any
    last_day: Any

    @classmethod
    def of(cls, first: datetime, last: datetime) -> Self:
        """Between two moments; the days are those of the zone the moments come in."""
        return cls(first - A_DAY, first, last, first.date(), last.date())

    @classmethod
    def of_slots(cls) -> Self:
        return cls(*(Slot(name) for name in cls._fields))


class ActivityQuerySet(ScopedQuerySet):
    """Seen by those who see the partner, by the owner, by who assigned it and by the participants; what is private by the last three alone."""

    scope_of: ClassVar[str] = "partners.partner"
    owner_path: ClassVar[str] = "partner__owner"
    edited_as: ClassVar[str] = "activities.activity"

    def visible_to(self, user: User) -> Self:
        if not user.is_active:
            return self.none()
        scope = user.scope_for(self.scope_of, "see")
        if scope == Scope.OWN:
            return self._of_one(user)
        rows, party = self._of_living_partners(), self._party(user)
        match scope:
            case Scope.ALL:
                return rows.filter(Q(is_private=False) | party)
            case Scope.TEAM:
                return rows.filter(Q(is_private=False, partner__owner__in=user.team_member_ids) | party)
        return rows.filter(party)

    def reaching(self, scope: Scope) -> Self:
        """`visible_to` for a prepared statement, with the person in the slot "user"."""
        return self._of_living_partners().filter(self._within_reach(scope))

    def known_to(self, scope: Scope) -> Self:
        """`reaching`, and private work of others whose days this person oversees: `is_seen` is false of it, it is known to take time and never
        what it is.
        """
        seen, private = self._within_reach(scope), Q(is_private=True)
        overseen = {Scope.ALL: private, Scope.TEAM: private & Q(IsAmong(F("owner"), Slot("people")))}.get(scope)
        rows = self._of_living_partners().annotate(is_seen=ExpressionWrapper(seen, BooleanField()))
        return rows.filter(seen if overseen is None else seen | overseen)

    def _within_reach(self, scope: Scope) -> Q:
        party = self._party(Slot("user"))
        if scope == Scope.NONE:
            return party
        reach = Q() if scope == Scope.ALL else Q(IsAmong(F("partner__owner"), Slot("people")))
        return (Q(is_private=False) & reach) | party

    def editable_by(self, user: User) -> Self:
        """Everybody may change what is theirs to do and what they assigned, heads also the work of their people but not what they wrote in
        notes; those whose role reaches all activities everything they see.
        """
        mine = Q(owner=user) | Q(assigned_by=user)
        match user.scope_for(self.edited_as, "edit"):
            case Scope.ALL:
                return self.visible_to(user)
            case Scope.TEAM:
                return self.visible_to(user).filter(mine | Q(~Q(kind="note"), owner__in=user.team_member_ids))
            case Scope.OWN:
                return self.visible_to(user).filter(mine)
        return self.none()

    def allows(self, user: User, verb: str, record: Any) -> bool:
        """Whether this person may change an activity they see ("edit"), or see one ("see"), without asking for it again.

        Invitations are not looked up: who only takes part is answered no.
        """
        mine = user.pk in (record.owner_id, record.assigned_by_id)
        if record.deleted_at is not None or not user.is_active:
            return False
        if verb == "see":
            return mine or (not record.is_private and super().allows(user, verb, record))
        match user.scope_for(self.edited_as, verb):
            case Scope.ALL:
                return mine or not record.is_private
            case Scope.TEAM:
                return mine or (
                    record.kind != "note" and not record.is_private and record.owner_id in user.team_member_ids
                )
            case Scope.OWN:
                return mine
        return False

    def in_bin_of(self, user: User) -> Self:
        """Deleted activities their owners, and those whose role reaches all, may take back."""
        rows = self.filter(deleted_at__isnull=False)
        scope = user.scope_for(self.edited_as, "edit")
        return rows if scope == Scope.ALL else rows.none() if scope == Scope.NONE else rows.filter(owner=user)

    def _of_one(self, user: User) -> Self:
        """What somebody sees whose reach ends at their own partners: few of all rows, so each way to them is by an index of this table."""
        seen = self._seen_by_one(user, lambda path, keys: Q(IsAmong(F(path), ArraySubquery(keys))))
        gone = self._partners().filter(deleted_at__isnull=False).values("pk")
        return self.alive().filter(seen).exclude(partner__isnull=False, partner_id__in=gone)

    def _seen_by_one(self, user: User, among: Callable[[str, Any], Q]) -> Q:
        """What is this person's to do, and what is said of their own partners; `among` asks whether a key is one of a subquery's."""
        own = self._partners().filter(owner=user, deleted_at__isnull=True).values("pk")
        theirs = Q(owner=user) | Q(assigned_by=user) | among("pk", self._invitations([user.pk]))
        return theirs | (Q(is_private=False) & among("partner_id", own))

    def _partners(self) -> Any:
        return self.model._meta.get_field("partner").related_model._base_manager

    def _of_living_partners(self) -> Self:
        return self.alive().filter(Q(partner__isnull=True) | Q(partner__deleted_at__isnull=True))

    def _party(self, user: Any) -> Q:
        """Those the activity itself names, whoever owns the partner."""
        mine = {self.model._meta.model_name: OuterRef("pk"), "user": user}
        invited = self.model.participants.through._base_manager.filter(**mine)
        return Q(owner=user) | Q(assigned_by=user) | Q(Exists(invited))

    def of_partner(self, partner: Any) -> Self:
        return self.filter(partner=partner)

    def of_opportunity(self, opportunity: Any) -> Self:
        return self.filter(opportunity=opportunity)

    def said_about(self, opportunity: Any, user: Any) -> Self:
        """What an opportunity's timeline shows those who see it, whoever owns its partner; newest first. Takes slots."""
        return self.alive().of_opportunity(opportunity)._told_to(user)

    def said_to(self, partner: Any, user: Any) -> Self:
        """What a partner's timeline shows those who see the partner, with the name of the `deal` it was about; newest first. Takes slots."""
        return self.alive().of_partner(partner)._told_to(user).annotate(deal=F("opportunity__name"))

    def _told_to(self, user: Any) -> Self:
        return self.filter(Q(is_private=False) | self._party(user)).for_timeline()

    def open(self) -> Self:
        return self.filter(status="open")

    def overdue(self, now: datetime) -> Self:
        """Open and due before the moment."""
        return self.open().filter(happened_at__lt=now)

    def happened(self) -> Self:
        """What was said or done, not what is planned or was called off."""
        return self.filter(status="done")

    def to_do_by(self, user: Any, until: Any) -> Self:
        """A person's open work due before the moment: overdue first, then timed, then for the day. Takes slots."""
        return self.alive().open().filter(owner=user, happened_at__lt=until).order_by("happened_at", "pk")

    def to_remind(self, now: datetime) -> Self:
        """Open work whose reminder has come, the longest waiting first."""
        return self.open().filter(remind_at__lte=now).order_by("remind_at")

    def _invitations(self, people: Any) -> QuerySet[Any, Any]:
        """Keys of what these people take part in."""
        name, through = self.model._meta.model_name, self.model.participants.through
        return through._base_manager.filter(IsAmong(F("user"), people)).values(name)

    def of_people(self, people: Any) -> Self:
        """What these people do or take part in. Takes slots."""
        return self.filter(Q(IsAmong(F("owner"), people)) | Q(pk__in=self._invitations(people)))

    def in_calendar(self, window: Window, people: Any) -> Self:
        """What a calendar shows of these people in a window: with a start, or due on a day. Notes and letters are not in it. Takes slots.

        The keys are looked up first, each kind by an index of its own: beside the conditions of access the database would read everything.
        What takes up to a day is found by when it starts, what takes longer by when it ends.
        """
        touching = Q(starts_at__lt=window.last) & (Q(ends_at__gt=window.first) | Q(starts_at__gte=window.first))
        long = Q(duration__gt=A_DAY, ends_at__gt=window.first, starts_at__lt=window.last)
        untimed = Q(starts_at__isnull=True, due_on__gte=window.first_day, due_on__lte=window.last_day)
        alive = self.model._base_manager.filter(deleted_at__isnull=True)
        own, joined = alive.filter(IsAmong(F("owner"), people)), alive.filter(pk__in=self._invitations(people))
        short = touching & Q(starts_at__gte=window.before)
        found = (own.filter(short), own.filter(long), own.filter(untimed), joined.filter(touching | untimed))
        ways = [IsAmong(F("pk"), ArraySubquery(rows.values("pk"))) for rows in found]
        return self.exclude(kind__in=("note", "email")).filter(Q(*ways, _connector=Q.OR))

    def for_calendar(self) -> Self:
        """With what an entry shows and no more, for a month of a team has thousands."""
        return self.with_guests().select_related("partner", "owner").only(*IN_CALENDAR)

    def with_guests(self) -> Self:
        """With `guests`, the keys of those who take part."""
        name, through = self.model._meta.model_name, self.model.participants.through
        those = through._base_manager.filter(**{name: OuterRef("pk")}).order_by("user")
        return self.annotate(guests=ArraySubquery(those.values("user")))

    def occupying(self, people: Iterable[int], first: datetime, last: datetime) -> Self:
        """Open timed work of these people between two moments, whoever may see it: callers tell that it takes time, not what it is."""
        rows = self.alive().open().in_calendar(Window.of(first, last), list(people))
        return rows.filter(starts_at__lt=last, ends_at__gt=first, all_day=False)

    def starts_of(self, series: Iterable[int], first: datetime, last: datetime) -> Any:
        """(series, start in it) of the occurrences that are rows, moved and deleted ones too."""
        rows = self.filter(series__in=series, original_start__gte=first, original_start__lt=last)
        return rows.values_list("series_id", "original_start")

    def people_of(self, keys: Iterable[int]) -> Any:
        """(row, person) of those who take part in rows fetched before."""
        name, through = self.model._meta.model_name, self.model.participants.through
        return through._base_manager.filter(**{f"{name}__in": keys}).values_list(name, "user").order_by("user")

    def to_invite(self) -> Self:
        """Meetings whose guests are to be told something: version and what was told differ. Deleted ones are called off.

        An occurrence waits until its series was told of.
        """
        of_told = Q(series__isnull=True) | Q(series__invites=False) | Q(series__version=F("series__invited_version"))
        return self.filter(of_told, invites=True).exclude(version=F("invited_version")).order_by("pk")

    def contact_moments(self) -> dict[str, datetime | None]:
        """The `last` contact that happened and the `next` one planned, overdue or not, in one statement; None where there is none."""
        last, planned = Max("happened_at", filter=Q(status="done")), Min("happened_at", filter=Q(status="open"))
        return self.aggregate(last=last, next=planned)

    def search(self, text: str, reader: User | None = None) -> Self:
        """Every word occurs in the title, the text or the result, in any of its forms, and may be unfinished. A look at the newest texts tells first
        how frequent that is, by one statement.

        What is frequent is found soon whatever way the rows are read, the newest first or somebody's own. What is rare is looked up in the index.
        The database has no figures of rare words, takes them for frequent (one text of fifty) and would read everything; a condition said
        three times over it takes for what it is. Among rows visible to a `reader` it is quicker for being told so.
        """
        terms = search_terms(text)
        if not terms:
            return self.all()
        if self._is_frequent(terms):
            return self.saying(terms)
        found = self.filter(words=in_query(" & ".join([terms] * 3)))
        return found._sieved(reader) if reader else found

    def saying(self, terms: Any) -> Self:
        """What says all of these `search_terms`, each text tested by itself. Takes a slot."""
        return self.filter(Says(F("words"), in_query(terms)))

    def _sieved(self, reader: User) -> Self:
        """The same rows, for hits that come by the index of words: most are somebody else's, and to see that along an array of a thousand partners
        takes ten times as long as by a hash. The database asks what costs less first, and the array only of what is left.
        """
        if reader.scope_for(self.scope_of, "see") != Scope.OWN:
            return self
        return self.filter(self._seen_by_one(reader, lambda path, keys: Q(**{f"{path}__in": keys})))

    def _is_frequent(self, terms: str) -> bool:
        """Whether at least one text of a hundred says these terms, as far as the newest ones tell."""
        model: type[Model] = self.model
        return sum(_newest(model)(terms=terms)) * 100 >= SAMPLE

    def for_timeline(self) -> Self:
        shown = self.select_related("owner", "contact", "outcome", "type", "letter").defer("letter__html")
        return shown.order_by("-happened_at", "-pk")

    def for_day(self) -> Self:
        """With all a day's list shows; the stage is the opportunity's, whose app lies above."""
        return self.select_related("owner", "partner", "contact", "opportunity__stage", "outcome", "type")

    def for_card(self) -> Self:
        return self.for_day().select_related("subject", "assigned_by", "created_by", "series", "letter")


@cache
def _newest(model: type[Model]) -> Prepared:
    """Of each of the newest texts whether it says the terms."""
    rows: QuerySet[Any] = model._base_manager.filter(deleted_at__isnull=True).order_by("-created_at", "-pk")
    said = Says(F("words"), in_query(Slot("terms")))
    return Prepared(lambda: rows.annotate(is_hit=said).values_list("is_hit", flat=True)[:SAMPLE])


def next_step(model: Any, **of: Any) -> QuerySet[Any]:
    """The open activity that comes first on a deal or a partner (`opportunity=OuterRef("pk")`), for a subquery."""
    return model._base_manager.filter(**of, status="open", deleted_at__isnull=True, is_private=False).order_by(
        "happened_at"
    )


class SeriesQuerySet(ActivityQuerySet):
    """Repeating work: seen and changed as the activities it makes."""

    def to_invite(self) -> Self:
        """As with meetings."""
        return self.filter(invites=True).exclude(version=F("invited_version")).order_by("pk")

    def running(self, first: datetime, last: datetime) -> Self:
        """Series that may have occurrences between two moments."""
        return self.running_on(first.date() - LONGEST, last.date() + timedelta(days=1))

    def running_on(self, first: Any, last: Any) -> Self:
        """Series that may have begun an occurrence between two days. Takes slots."""
        return self.filter(starts_on__lte=last).filter(Q(last_on__isnull=True) | Q(last_on__gte=first))

    def occupying(self, people: Iterable[int], first: datetime, last: datetime) -> Self:
        """As with activities."""
        return self.alive().running(first, last).of_people(list(people)).filter(clock__isnull=False)


class AbsenceQuerySet(ScopedQuerySet):
    """Days somebody is away: known to all colleagues (why only to who may change them), changed by the person and by those who lead them."""

    scope_of: ClassVar[str] = "activities.activity"

    def visible_to(self, user: User) -> Self:
        return self.alive() if user.is_active else self.none()

    def of_people(self, people: Iterable[int]) -> Self:
        return self.filter(owner__in=people)

    def touching(self, first: date, last: date) -> Self:
        """Absences with a day between the two, both included."""
        return self.filter(first_on__lte=last, last_on__gte=first)


class HolidayQuerySet(QuerySet[Any]):
    """Days the whole company does not work, or works though it is a weekend: everybody sees them."""

    def visible_to(self, user: User) -> Self:
        return self.all() if user.is_active else self.none()

    def editable_by(self, user: User) -> Self:
        return self.all() if user.has_perm("core.configure") else self.none()


class FeedQuerySet(QuerySet[Any]):
    """The address of one's calendar for other programs: one's own alone."""

    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)

    def editable_by(self, user: User) -> Self:
        return self.visible_to(user)


class AttachmentQuerySet(ScopedQuerySet):
    """Files: seen by those who see what they belong to (an opportunity's also by those who see the partner), changed by who uploaded them and who
    may change it.
    """

    scope_of: ClassVar[str] = "partners.partner"
    owner_path: ClassVar[str] = "partner__owner"

    def alive(self) -> Self:
        """Files outside the recycle bin whose records are outside it too: they go and come back with them."""
        standing = Q(deleted_at__isnull=True, partner__deleted_at__isnull=True)
        return self.filter(standing, opportunity__deleted_at__isnull=True, activity__deleted_at__isnull=True)

    def visible_to(self, user: User) -> Self:
        return self.alive().filter(self._of_records(user, "visible_to"))

    def editable_by(self, user: User) -> Self:
        return self.visible_to(user).filter(self._theirs(user))

    def in_bin_of(self, user: User) -> Self:
        """Deleted files this person may take back."""
        thrown = self.filter(deleted_at__isnull=False, partner__deleted_at__isnull=True)
        return thrown.filter(self._of_records(user, "visible_to"), self._theirs(user))

    def of(self, partner: Any = None, opportunity: Any = None, activity: Any = None) -> Self:
        """Files of a record; a partner's are those of its opportunities and activities as well. Newest first."""
        given = {"activity": activity, "opportunity": opportunity, "partner": partner}
        name, record = next((name, record) for name, record in given.items() if record is not None)
        return self.filter(**{name: record}).select_related("created_by", "opportunity").order_by("-pk")

    def on_timeline(self, said: ActivityQuerySet) -> Self:
        """Files of records the reader sees; of activities only those of `said`. Takes slots."""
        rows = self.alive().filter(Q(activity=None) | Q(Exists(said.order_by().filter(pk=OuterRef("activity")))))
        return rows.select_related("created_by", "opportunity")

    def _theirs(self, user: User) -> Q:
        """Uploaded by this person, or of a record the person may change."""
        return Q(created_by=user) | self._of_records(user, "editable_by")

    def _of_records(self, user: User, reach: str) -> Q:
        """Of an activity within the person's reach ("visible_to", "editable_by"), else of a partner or an opportunity within it."""
        partner, opportunity, activity = (
            getattr(self.model._meta.get_field(name).related_model.objects, reach)(user).values("pk")
            for name in ("partner", "opportunity", "activity")
        )
        return Q(activity__in=activity) | Q(Q(partner__in=partner) | Q(opportunity__in=opportunity), activity=None)


class SequenceRunQuerySet(ScopedQuerySet):
    """Sequences at work: seen and stopped by those who see and change the partner."""

    scope_of: ClassVar[str] = "partners.partner"
    owner_path: ClassVar[str] = "partner__owner"

    def alive(self) -> Self:
        return self.filter(deleted_at__isnull=True, partner__deleted_at__isnull=True)

    def open(self) -> Self:
        return self.filter(status="open")

    def for_list(self) -> Self:
        """With the steps and their activities, in two statements more; newest first."""
        return self.select_related("sequence", "partner", "owner").prefetch_related("steps__activity").order_by("-pk")


class LetterQuerySet(QuerySet[Any]):
    """Envelopes: seen by those who see the activity."""

    def visible_to(self, user: User) -> Self:
        return self.filter(activity__in=self._activities().visible_to(user).values("pk"))

    def editable_by(self, user: User) -> Self:
        return self.filter(activity__in=self._activities().editable_by(user).values("pk"))

    def _activities(self) -> Any:
        return self.model._meta.get_field("activity").related_model.objects

    def to_send(self, now: datetime) -> Self:
        """What waits to go out and whose turn has come, the longest waiting first."""
        rows = self.filter(state="waiting", send_after__lte=now, activity__deleted_at__isnull=True)
        return rows.order_by("send_after", "pk")

    def of_threads(self, keys: list[str]) -> Self:
        """Letters these keys name, or that began with one of them."""
        return self.filter(Q(key__in=keys) | Q(thread__in=keys))


class MailboxQuerySet(QuerySet[Any]):
    """Mailboxes are seen and changed by their holders alone."""

    def visible_to(self, user: User) -> Self:
        return self.filter(user=user) if user.is_active else self.none()

    def editable_by(self, user: User) -> Self:
        return self.visible_to(user)

    def to_look(self, now: datetime) -> Self:
        """Those whose turn has come, of people who work here."""
        return self.filter(is_active=True, user__is_active=True, look_after__lte=now).order_by("look_after")
