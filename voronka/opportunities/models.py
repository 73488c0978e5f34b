"""Pipelines, stages, opportunities and their states over time."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, Final

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models, transaction
from django.db.models import F, Func, Q
from django.db.models.functions import Round
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from voronka.core.audit import acting, tracked
from voronka.core.models import Customised, Lookup, Owned
from voronka.opportunities import rules
from voronka.opportunities.querysets import (
    OpportunityQuerySet,
    PartQuerySet,
    StageTallyQuerySet,
    StateQuerySet,
    TallyQuerySet,
    TargetQuerySet,
)
from voronka.partners.models import ALIVE, CUSTOMISED, Contact, Industry, Partner, Searchable, Source, Territory
from voronka.partners.querysets import LookupQuerySet

PERCENT: Any = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))]


class Status(models.TextChoices):
    OPEN = "open", pgettext_lazy("opportunity status", "Open")
    WON = "won", pgettext_lazy("opportunity status", "Won")
    LOST = "lost", pgettext_lazy("opportunity status", "Lost")


class Forecast(models.TextChoices):
    """What of an open opportunity counts in a forecast: see `rules.forecast_category`."""

    COMMIT = "commit", pgettext_lazy("forecast category", "Commit")
    BEST = "best", pgettext_lazy("forecast category", "Best case")
    PIPELINE = "pipeline", pgettext_lazy("forecast category", "Pipeline")
    OMITTED = "omitted", pgettext_lazy("forecast category", "Omitted")


class Pipeline(Lookup):
    """A way of selling with stages of its own."""

    is_default = models.BooleanField(_("used for new opportunities"), default=False)

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("pipeline")
        verbose_name_plural = _("pipelines")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="pipeline_one_default")
        ]


# What a stage may require to be filled in; `OpportunityQuerySet.ready_for` knows how each is told from empty.
REQUIRABLE = {
    "potential": _("amount"), "contact": _("contact"), "next_step": _("next step"), "gross_profit_percent": _("gross profit, %"), "product": _("product"),
    "interest_level": _("level of interest"), "source": _("information source"), "industry": _("industry"), "territory": _("territory"), "remarks": _("remarks"),
    "items": _("items"), "competitors": _("competitors"), "contact_roles": _("roles of contacts"),
}  # fmt: skip


class Stage(models.Model):
    """A step of a pipeline with its usual chance of winning."""

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="stages", verbose_name=_("pipeline"))
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveIntegerField(_("order in lists"), default=100)
    percentage = models.DecimalField(
        _("closing percentage"), max_digits=5, decimal_places=2, default=Decimal(0), validators=PERCENT
    )
    usual_days = models.PositiveIntegerField(
        _("usual days in stage"), null=True, blank=True, help_text=_("Opportunities that stay longer are marked.")
    )
    # What must be true of an opportunity before it enters.
    required = ArrayField(
        models.CharField(max_length=30), verbose_name=_("to be filled in before"), default=list, blank=True
    )
    activity_days = models.PositiveSmallIntegerField(
        _("an activity within the last days"),
        null=True,
        blank=True,
        help_text=_("Empty: none is needed to enter the stage."),
    )
    asks_comment = models.BooleanField(_("moving here needs a comment"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    objects = LookupQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("of a pipeline", "stage")
        verbose_name_plural = pgettext_lazy("of a pipeline", "stages")
        ordering: ClassVar = ["pipeline", "position", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["pipeline", "name"], name="stage_unique_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def asks(self) -> bool:
        """Whether entering takes more than saying so."""
        return bool(self.required or self.activity_days or self.asks_comment)


class InterestLevel(Lookup):
    """How warm the customer is."""

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("level of interest")
        verbose_name_plural = _("levels of interest")


class Interest(Lookup):
    """What the customer is interested in (interest range)."""

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("interest")
        verbose_name_plural = _("interests")


class Reason(Lookup):
    """Why an opportunity was won or lost."""

    MORE: ClassVar = ("for_won", "for_lost")

    for_won = models.BooleanField(_("for won"), default=True)
    for_lost = models.BooleanField(_("for lost"), default=True)

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")


class Threat(models.IntegerChoices):
    """How dangerous a competitor is."""

    LOW = 1, pgettext_lazy("threat", "low")
    MEDIUM = 2, pgettext_lazy("threat", "medium")
    HIGH = 3, pgettext_lazy("threat", "high")


class Competitor(Lookup):
    """Somebody who sells the same."""

    MORE: ClassVar = ("threat",)

    threat = models.PositiveSmallIntegerField(_("usual threat"), choices=Threat.choices, default=Threat.MEDIUM)
    details = models.CharField(_("details"), max_length=200, blank=True)

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("competitor")
        verbose_name_plural = _("competitors")


class Relationship(Lookup):
    """What another company has to do with a deal: architect, lender, subcontractor."""

    objects = LookupQuerySet.as_manager()

    class Meta(Lookup.Meta):
        verbose_name = _("relationship")
        verbose_name_plural = _("relationships")


DIMENSIONS = ("pipeline_id", "stage_id", "status", "owner_id", "territory_id", "source_id", "industry_id")
# Three summaries, each made of the one before: by all dimensions, which may have as many groups as there are rows; by people; and the smallest, which
# answers most reports of those who see everything.
TALLIES = {
    "opportunities_tally": DIMENSIONS,
    "opportunities_ownertally": DIMENSIONS[:4],
    "opportunities_stagetally": DIMENSIONS[:3],
}
_MONTH = "date_trunc('month', (CASE WHEN status = 'open' THEN predicted_close_on ELSE closed_on END)::timestamp)::date"
_GROUPED = ", ".join(DIMENSIONS)


def _tally(name: str, operation: pgtrigger.Operation, **signs: int) -> pgtrigger.Trigger:
    """A statement trigger that adds the changed rows' shares to the tally, grouped: one small insert however many rows changed.

    Shares are in the company's currency.
    """
    parts = " UNION ALL ".join(
        f"SELECT {_GROUPED}, {_MONTH} AS month, {sign} AS sign, potential_company AS potential, weighted_company AS weighted "
        f"FROM {table} WHERE deleted_at IS NULL"
        for table, sign in signs.items()
    )
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(
            old="old_rows" if "old_rows" in signs else None, new="new_rows" if "new_rows" in signs else None
        ),
        func="".join(_shares(table, columns, parts) for table, columns in TALLIES.items()) + "RETURN NULL;",
    )


def _shares(table: str, columns: tuple[str, ...], parts: str) -> str:
    keys = ", ".join((*columns, "month"))
    return f"""
        INSERT INTO {table} ({keys}, count, potential, weighted)
        SELECT {keys}, sum(sign), sum(sign * potential), sum(sign * weighted) FROM ({parts}) shares GROUP BY {keys}
        HAVING sum(sign) <> 0 OR sum(sign * potential) <> 0 OR sum(sign * weighted) <> 0;
    """


@tracked
class Opportunity(Customised, Owned):
    """A possible sale. Its columns equal its last state; only actions change them."""

    Status = Status

    class Unit(models.TextChoices):
        DAYS = "D", _("days")
        WEEKS = "W", _("weeks")
        MONTHS = "M", _("months")

    name = models.CharField(_("name"), max_length=200, blank=True)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="opportunities", verbose_name=_("partner"))
    contact = models.ForeignKey(
        Contact, models.SET_NULL, verbose_name=_("contact"), null=True, blank=True, related_name="opportunities"
    )
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, verbose_name=_("pipeline"), related_name="opportunities")
    stage = models.ForeignKey(
        Stage, models.PROTECT, verbose_name=pgettext_lazy("of a pipeline", "stage"), related_name="opportunities"
    )
    status = models.CharField(_("status"), max_length=4, choices=Status.choices, default=Status.OPEN)
    percentage = models.DecimalField(_("closing percentage"), max_digits=5, decimal_places=2, validators=PERCENT)
    potential = models.DecimalField(
        _("potential amount"), max_digits=18, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    currency = models.CharField(_("currency"), max_length=3, default="RUB")
    forecast_category = models.CharField(
        _("in the forecast"), max_length=8, choices=Forecast.choices, blank=True, default="", db_default="",
        help_text=format_lazy(
            _("Empty: as the closing percentage says, commit from {commit} %, best case from {best} %."),
            commit=rules.COMMIT_FROM,
            best=rules.BEST_FROM,
        ),
    )  # fmt: skip
    weighted = models.GeneratedField(
        expression=Round(F("potential") * F("percentage") / 100, precision=2),
        output_field=models.DecimalField(_("weighted amount"), max_digits=18, decimal_places=2),
        db_persist=True,
    )
    # At the rate of the day the last state began: what sums, sorts and reports speak of.
    potential_company = models.DecimalField(
        _("amount in the company's currency"), max_digits=18, decimal_places=2, editable=False
    )
    weighted_company = models.GeneratedField(
        expression=Round(F("potential_company") * F("percentage") / 100, precision=2),
        output_field=models.DecimalField(_("weighted in the company's currency"), max_digits=18, decimal_places=2),
        db_persist=True,
    )
    gross_profit_percent = models.DecimalField(
        _("gross profit, %"), max_digits=5, decimal_places=2, default=Decimal(0), validators=PERCENT
    )
    gross_profit = models.GeneratedField(
        expression=Round(F("potential") * F("gross_profit_percent") / 100, precision=2),
        output_field=models.DecimalField(_("gross profit"), max_digits=18, decimal_places=2),
        db_persist=True,
    )
    opened_on = models.DateField(_("opened"), default=timezone.localdate)
    predicted_close_on = models.DateField(_("predicted closing"))
    closes_unit = models.CharField(_("closing counted in"), max_length=1, choices=Unit.choices, default=Unit.DAYS)
    closed_on = models.DateField(_("closed"), null=True, blank=True, editable=False)
    stage_since = models.DateTimeField(_("in stage since"), default=timezone.now, editable=False)
    next_step = models.CharField(_("next step"), max_length=200, blank=True, default="", db_default="")
    next_step_on = models.DateField(_("next step until"), null=True, blank=True)
    interest_level = models.ForeignKey(
        InterestLevel, models.PROTECT, verbose_name=_("level of interest"), null=True, blank=True
    )
    interests = models.ManyToManyField(Interest, through="OpportunityInterest", verbose_name=_("interests"), blank=True)
    product = models.CharField(_("product"), max_length=200, blank=True)
    channel = models.ForeignKey(
        Partner, models.PROTECT, verbose_name=_("channel"), null=True, blank=True, related_name="channelled"
    )
    project = models.CharField(_("project"), max_length=100, blank=True)
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name=_("territory"), null=True, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, verbose_name=_("information source"), null=True, blank=True)
    industry = models.ForeignKey(Industry, models.PROTECT, verbose_name=_("industry"), null=True, blank=True)
    remarks = models.TextField(_("remarks"), blank=True)
    reasons = models.ManyToManyField(Reason, verbose_name=_("reasons"), blank=True)
    close_comment = models.CharField(_("closing comment"), max_length=500, blank=True, editable=False)
    external_id = models.CharField(_("number in another system"), max_length=100, blank=True)
    search = models.GeneratedField(
        expression=Searchable(F("name"), F("product"), F("external_id")),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        indexes: ClassVar = [
            models.Index(fields=["potential_company", "id"], condition=ALIVE, name="opportunity_by_potential"),
            models.Index(fields=["weighted_company", "id"], condition=ALIVE, name="opportunity_by_weighted"),
            models.Index(fields=["percentage", "id"], condition=ALIVE, name="opportunity_by_percentage"),
            models.Index(fields=["predicted_close_on", "id"], condition=ALIVE, name="opportunity_by_predicted"),
            models.Index(fields=["opened_on", "id"], condition=ALIVE, name="opportunity_by_opened"),
            models.Index(fields=["stage_since", "id"], condition=ALIVE, name="opportunity_by_stage_since"),
            models.Index(fields=["name", "id"], condition=ALIVE, name="opportunity_by_name"),
            models.Index(fields=["next_step_on", "id"], condition=ALIVE, name="opportunity_by_next_step"),
            models.Index(fields=["created_at", "id"], condition=ALIVE, name="opportunity_by_created"),
            models.Index(fields=["owner", "potential_company", "id"], condition=ALIVE, name="opportunity_by_owner"),
            models.Index(
                fields=["stage", "potential_company", "id"],
                condition=ALIVE & Q(status=Status.OPEN),
                name="opportunity_on_board",
            ),
            models.Index(fields=["external_id"], condition=~Q(external_id=""), name="opportunity_by_external_id"),
            # Few are in the bin: reports of the past leave them out without reading the others.
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="opportunity_in_bin"),
            GinIndex(OpClass(F("search"), "gin_trgm_ops"), name="opportunity_search"),
            GinIndex(OpClass(F("custom"), "jsonb_path_ops"), condition=CUSTOMISED, name="opportunity_custom"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(percentage__gte=0, percentage__lte=100), name="opportunity_percentage"),
            models.CheckConstraint(condition=Q(potential__gte=0), name="opportunity_potential"),
            models.CheckConstraint(
                condition=Q(status=Status.OPEN, closed_on__isnull=True)
                | Q(~Q(status=Status.OPEN), closed_on__isnull=False),
                name="opportunity_closed_has_date",
            ),
        ]
        triggers: ClassVar = [
            _tally("tally_insert", pgtrigger.Insert, new_rows=1),
            _tally("tally_update", pgtrigger.Update, old_rows=-1, new_rows=1),
            _tally("tally_delete", pgtrigger.Delete, old_rows=-1),
        ]

    def __str__(self) -> str:
        return self.name or f"№ {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("opportunities:detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status == Status.OPEN

    @property
    def in_forecast(self) -> Forecast:
        """What it counts as in a forecast, said or by its percentage."""
        return Forecast(rules.forecast_category(self.forecast_category, self.percentage))


class OpportunityInterest(models.Model):
    """One interest of an opportunity; at most one is the primary."""

    opportunity = models.ForeignKey(Opportunity, models.CASCADE)
    interest = models.ForeignKey(Interest, models.PROTECT)
    is_primary = models.BooleanField(_("primary"), default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["opportunity", "interest"], name="opportunityinterest_once"),
            models.UniqueConstraint(
                fields=["opportunity"], condition=Q(is_primary=True), name="opportunityinterest_one_primary"
            ),
        ]

    def __str__(self) -> str:
        return str(self.interest)


class Part(models.Model):
    """Something that hangs on an opportunity and goes with it; seen and changed by those who see and change the opportunity."""

    opportunity: Any = models.ForeignKey(Opportunity, models.CASCADE, related_name="%(class)ss", editable=False)

    objects = PartQuerySet.as_manager()

    class Meta:
        abstract = True


@tracked
class DealItem(Part):
    """A line of what is to be sold, with the price as typed, in the opportunity's currency."""

    name = models.CharField(_("what"), max_length=200)
    quantity = models.DecimalField(
        _("quantity"),
        max_digits=14,
        decimal_places=3,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.001"))],
    )
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    price = models.DecimalField(_("price"), max_digits=16, decimal_places=2, validators=[MinValueValidator(Decimal(0))])
    discount = models.DecimalField(
        _("discount, %"), max_digits=5, decimal_places=2, default=Decimal(0), validators=PERCENT
    )
    amount = models.GeneratedField(
        expression=Round(F("quantity") * F("price") * (100 - F("discount")) / 100, precision=2),
        output_field=models.DecimalField(_("amount"), max_digits=20, decimal_places=2),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("item of an opportunity")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


@tracked
class DealCompetitor(Part):
    """A competitor for this deal; `won` marks who got it when we lost."""

    competitor = models.ForeignKey(Competitor, models.PROTECT, related_name="+", verbose_name=_("competitor"))
    threat = models.PositiveSmallIntegerField(_("threat"), choices=Threat.choices, default=Threat.MEDIUM)
    details = models.CharField(_("details"), max_length=200, blank=True)
    won = models.BooleanField(_("won the deal"), default=False)

    class Meta:
        verbose_name = _("competitor for an opportunity")
        ordering: ClassVar = ["-won", "-threat", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["opportunity", "competitor"], name="dealcompetitor_once"),
            models.UniqueConstraint(fields=["opportunity"], condition=Q(won=True), name="dealcompetitor_one_won"),
        ]

    def __str__(self) -> str:
        return str(self.competitor)


@tracked
class DealPartner(Part):
    """Another company that has to do with the deal."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", verbose_name=_("partner"))
    relationship = models.ForeignKey(
        Relationship, models.PROTECT, related_name="+", verbose_name=_("relationship"), null=True, blank=True
    )
    details = models.CharField(_("details"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("partner in an opportunity")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return str(self.partner)


@tracked
class DealContact(Part):
    """Who on the customer's side plays which part in the decision."""

    class Role(models.TextChoices):
        DECIDES = "decides", pgettext_lazy("contact role", "decides")
        INFLUENCES = "influences", pgettext_lazy("contact role", "influences")
        USES = "uses", pgettext_lazy("contact role", "uses")
        PAYS = "pays", pgettext_lazy("contact role", "pays")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+", verbose_name=_("contact"))
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.DECIDES)
    details = models.CharField(_("details"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("contact in an opportunity")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["opportunity", "contact", "role"], name="dealcontact_once_a_role")
        ]

    def __str__(self) -> str:
        return str(self.contact)


class HistoryCorrection(Part):
    """That somebody corrected the states of an opportunity: why, and the states as they were before, as plain values."""

    at = models.DateTimeField(_("when"), auto_now_add=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("who"))
    reason = models.CharField(_("reason"), max_length=500)
    before = models.JSONField(_("states before"), encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("correction of history")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"


class Target(models.Model):
    """What a person, a team or (neither named) the company is to win in a month, quarter or year, in the company's currency."""

    class Kind(models.TextChoices):
        MONTH = "month", _("month")
        QUARTER = "quarter", _("quarter")
        YEAR = "year", _("year")

    kind = models.CharField(_("period"), max_length=7, choices=Kind.choices)
    first = models.DateField(_("first day"))
    person = models.ForeignKey(
        "accounts.User", models.CASCADE, related_name="+", verbose_name=_("person"), null=True, blank=True
    )
    team = models.ForeignKey(
        "accounts.Team", models.CASCADE, related_name="+", verbose_name=_("team"), null=True, blank=True
    )
    amount = models.DecimalField(
        _("to win"), max_digits=18, decimal_places=2, validators=[MinValueValidator(Decimal(1))]
    )

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("sales target")
        verbose_name_plural = _("sales targets")
        ordering: ClassVar = ["first", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "first", "person", "team"], name="target_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(person__isnull=True) | Q(team__isnull=True), name="target_of_one"),
        ]

    def __str__(self) -> str:
        return f"{self.first} {self.amount}"


class SpanRange(Func):
    """[since, until) as a range, open-ended while it lasts."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


class OpportunityState(models.Model):
    """What was true of an opportunity from `since` to before `until`. The spans of one opportunity tile time."""

    # The index by opportunity and moment serves for the key as well.
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="states", db_index=False)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True)
    status = models.CharField(_("status"), max_length=4, choices=Status.choices)
    stage = models.ForeignKey(
        Stage, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("of a pipeline", "stage")
    )
    percentage = models.DecimalField(_("closing percentage"), max_digits=5, decimal_places=2)
    potential = models.DecimalField(_("potential amount"), max_digits=18, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    # At the rate of the day the span began.
    potential_company = models.DecimalField(_("amount in the company's currency"), max_digits=18, decimal_places=2)
    weighted_company = models.GeneratedField(
        expression=Round(F("potential_company") * F("percentage") / 100, precision=2),
        output_field=models.DecimalField(_("weighted in the company's currency"), max_digits=18, decimal_places=2),
        db_persist=True,
    )
    gross_profit_percent = models.DecimalField(_("gross profit, %"), max_digits=5, decimal_places=2)
    forecast_category = models.CharField(
        _("in the forecast"), max_length=8, choices=Forecast.choices, blank=True, default="", db_default=""
    )
    predicted_close_on = models.DateField(_("predicted closing"))
    owner = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("owner"))
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="+", null=True, verbose_name=_("territory"))
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="+", null=True, verbose_name=_("information source")
    )
    industry = models.ForeignKey(Industry, models.PROTECT, related_name="+", null=True, verbose_name=_("industry"))
    changed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="+", null=True, verbose_name=_("changed by")
    )
    comment = models.CharField(_("comment"), max_length=500, blank=True)

    objects = StateQuerySet.as_manager()

    class Meta:
        verbose_name = _("state of an opportunity")
        indexes: ClassVar = [
            models.Index(fields=["opportunity", "since"], name="state_by_opportunity"),
            models.Index(fields=["since"], name="state_by_since"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="state_forward_in_time"
            ),
            ExclusionConstraint(
                name="state_no_overlap",
                expressions=[
                    ("opportunity", RangeOperators.EQUAL),
                    (SpanRange("since", "until", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.since:%Y-%m-%d}"

    @property
    def weighted(self) -> Decimal:
        return self.potential * self.percentage / 100


class Shares(models.Model):
    """Signed shares of a summary of opportunities; see `_tally`. Their sum equals the rows, always.

    Writers only add rows, so two of them never wait for each other; a periodic job folds the shares together.
    """

    pipeline = models.ForeignKey(Pipeline, models.DO_NOTHING, db_constraint=False, related_name="+")
    stage = models.ForeignKey(Stage, models.DO_NOTHING, db_constraint=False, related_name="+")
    status = models.CharField(max_length=4)
    month = models.DateField()
    count = models.BigIntegerField()
    potential = models.DecimalField(max_digits=24, decimal_places=2)
    weighted = models.DecimalField(max_digits=24, decimal_places=2)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.month} {self.count:+}"


class Tally(Shares):
    """The summary by all dimensions."""

    owner = models.ForeignKey("accounts.User", models.DO_NOTHING, db_constraint=False, related_name="+")
    territory = models.ForeignKey(Territory, models.DO_NOTHING, db_constraint=False, null=True, related_name="+")
    source = models.ForeignKey(Source, models.DO_NOTHING, db_constraint=False, null=True, related_name="+")
    industry = models.ForeignKey(Industry, models.DO_NOTHING, db_constraint=False, null=True, related_name="+")

    objects = TallyQuerySet.as_manager()


class OwnerTally(Shares):
    """The summary without territory, source and industry: what most reports of people with a team or themselves ask."""

    owner = models.ForeignKey("accounts.User", models.DO_NOTHING, db_constraint=False, related_name="+")

    objects = TallyQuerySet.as_manager()


class StageTally(Shares):
    """The smallest summary, without people: for those only who see everything."""

    objects = StageTallyQuerySet.as_manager()


def _fold(table: str, columns: tuple[str, ...]) -> str:
    """Only groups of several shares are written anew: a large tally that is folded already is left alone."""
    keys = ", ".join((*columns, "month"))
    return f"""
        WITH several AS (
            SELECT id FROM (SELECT id, count(*) OVER (PARTITION BY {keys}) AS n FROM {table}) shares WHERE n > 1
        ), gone AS (DELETE FROM {table} WHERE id IN (SELECT id FROM several) RETURNING *)
        INSERT INTO {table} ({keys}, count, potential, weighted)
        SELECT {keys}, sum(count), sum(potential), sum(weighted) FROM gone GROUP BY {keys}
        HAVING sum(count) <> 0 OR sum(potential) <> 0 OR sum(weighted) <> 0
    """


def fold_tally() -> int:
    """Fold the shares of each summary together, in one statement no writer waits for; returns how many rows were written."""
    written = 0
    with connection.cursor() as cursor:
        for table, columns in TALLIES.items():
            cursor.execute(_fold(table, columns))
            written += cursor.rowcount
    return written


def _put_right(table: str, columns: tuple[str, ...], larger: str) -> str:
    """The differences between a summary and what it is made of (at least its columns, with figures) become shares of it."""
    keys = ", ".join((*columns, "month"))
    truth = f"SELECT {keys}, count, potential, weighted FROM {larger}"
    return f"""
        INSERT INTO {table} ({keys}, count, potential, weighted)
        SELECT {keys}, sum(count), sum(potential), sum(weighted)
        FROM ({truth} UNION ALL SELECT {keys}, -count, -potential, -weighted FROM {table}) both_sides GROUP BY {keys}
        HAVING sum(count) <> 0 OR sum(potential) <> 0 OR sum(weighted) <> 0
    """


_ROWS: Final = f"""
    SELECT {_GROUPED}, {_MONTH} AS month, 1 AS count, potential_company AS potential, weighted_company AS weighted
    FROM opportunities_opportunity WHERE deleted_at IS NULL
"""


@transaction.atomic
def rebuild_tally() -> int:
    """Make the summaries what the opportunities say, which are read once: each follows the larger one. Returns how many groups differed.

    Nobody waits: an opportunity and its shares are written in one transaction, so that each statement sees both or neither. Two rebuildings at once
    would put the same right twice; the second waits.
    """
    differed = 0
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE opportunities_tally IN SHARE UPDATE EXCLUSIVE MODE")
        larger = f"({_ROWS}) opportunities"
        for table, columns in TALLIES.items():
            cursor.execute(_put_right(table, columns, larger))
            differed += cursor.rowcount
            larger = table
    return differed


# The headers' locks first, as every writer of states takes them; then the spans, then the headers by their last span.
_LOCK_CURRENCY = "SELECT FROM opportunities_opportunity WHERE currency = %(code)s ORDER BY id FOR UPDATE"
_VALUE_SPANS = """
    UPDATE opportunities_opportunitystate SET potential_company = company_value(potential, currency, since)
    WHERE currency = %(code)s AND potential_company <> company_value(potential, currency, since)
"""
_VALUE_HEADERS = """
    UPDATE opportunities_opportunity o SET potential_company = s.potential_company
    FROM opportunities_opportunitystate s WHERE s.opportunity_id = o.id AND s.until IS NULL
    AND o.currency = %(code)s AND o.potential_company <> s.potential_company
"""


@transaction.atomic
def value_anew(code: str) -> int:
    """Set the company's value of every state in a currency by the rate of the day it began; returns how many differed. Repeatable."""
    with acting(None, "revalue"), connection.cursor() as cursor:
        cursor.execute(_LOCK_CURRENCY, {"code": code})
        cursor.execute(_VALUE_SPANS, {"code": code})
        changed = cursor.rowcount
        cursor.execute(_VALUE_HEADERS, {"code": code})
    return changed
