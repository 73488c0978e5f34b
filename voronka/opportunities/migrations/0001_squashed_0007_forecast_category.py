"""All tables of the app at once, for an empty database; older ones go the long way of the steps this replaces."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.math
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import voronka.opportunities.models
import voronka.partners.models
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("opportunities", "0001_initial"),
        ("opportunities", "0002_initial"),
        ("opportunities", "0003_statement_history"),
        ("opportunities", "0004_figures_in_company_currency"),
        ("opportunities", "0005_custom_fields"),
        ("opportunities", "0006_deals_in_full"),
        ("opportunities", "0007_forecast_category"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0002_notices"),
        ("accounts", "__first__"),
        ("partners", "0006_twins"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("products", "0001_currencies_and_rates"),
    ]

    operations = [
        migrations.CreateModel(
            name="Competitor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "threat",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "low"), (2, "medium"), (3, "high")], default=2, verbose_name="usual threat"
                    ),
                ),
                ("details", models.CharField(blank=True, max_length=200, verbose_name="details")),
            ],
            options={
                "verbose_name": "competitor",
                "verbose_name_plural": "competitors",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DealItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="what")),
                (
                    "quantity",
                    models.DecimalField(
                        decimal_places=3,
                        default=Decimal("1"),
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.001"))],
                        verbose_name="quantity",
                    ),
                ),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="unit")),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=16,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="price",
                    ),
                ),
                (
                    "discount",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                        verbose_name="discount, %",
                    ),
                ),
                (
                    "amount",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.math.Round(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("quantity"), "*", models.F("price")
                                    ),
                                    "*",
                                    django.db.models.expressions.CombinedExpression(
                                        models.Value(100), "-", models.F("discount")
                                    ),
                                ),
                                "/",
                                models.Value(100),
                            ),
                            precision=2,
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=20, verbose_name="amount"),
                    ),
                ),
            ],
            options={
                "verbose_name": "item of an opportunity",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Interest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "interest",
                "verbose_name_plural": "interests",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="InterestLevel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "level of interest",
                "verbose_name_plural": "levels of interest",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Reason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("for_won", models.BooleanField(default=True, verbose_name="for won")),
                ("for_lost", models.BooleanField(default=True, verbose_name="for lost")),
            ],
            options={
                "verbose_name": "reason",
                "verbose_name_plural": "reasons",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Relationship",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "relationship",
                "verbose_name_plural": "relationships",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DealCompetitor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "threat",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "low"), (2, "medium"), (3, "high")], default=2, verbose_name="threat"
                    ),
                ),
                ("details", models.CharField(blank=True, max_length=200, verbose_name="details")),
                ("won", models.BooleanField(default=False, verbose_name="won the deal")),
                (
                    "competitor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="opportunities.competitor",
                        verbose_name="competitor",
                    ),
                ),
            ],
            options={
                "verbose_name": "competitor for an opportunity",
                "ordering": ["-won", "-threat", "id"],
            },
        ),
        migrations.CreateModel(
            name="DealContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("decides", "decides"),
                            ("influences", "influences"),
                            ("uses", "uses"),
                            ("pays", "pays"),
                        ],
                        default="decides",
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                ("details", models.CharField(blank=True, max_length=200, verbose_name="details")),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="partners.contact",
                        verbose_name="contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact in an opportunity",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Opportunity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted")),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                        default="open",
                        max_length=4,
                        verbose_name="status",
                    ),
                ),
                (
                    "percentage",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                        verbose_name="closing percentage",
                    ),
                ),
                (
                    "potential",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=18,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="potential amount",
                    ),
                ),
                ("currency", models.CharField(default="RUB", max_length=3, verbose_name="currency")),
                (
                    "weighted",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.math.Round(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("potential"), "*", models.F("percentage")
                                ),
                                "/",
                                models.Value(100),
                            ),
                            precision=2,
                        ),
                        output_field=models.DecimalField(
                            decimal_places=2, max_digits=18, verbose_name="weighted amount"
                        ),
                    ),
                ),
                (
                    "gross_profit_percent",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                        verbose_name="gross profit, %",
                    ),
                ),
                (
                    "gross_profit",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.math.Round(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("potential"), "*", models.F("gross_profit_percent")
                                ),
                                "/",
                                models.Value(100),
                            ),
                            precision=2,
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=18, verbose_name="gross profit"),
                    ),
                ),
                ("opened_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="opened")),
                ("predicted_close_on", models.DateField(verbose_name="predicted closing")),
                (
                    "closes_unit",
                    models.CharField(
                        choices=[("D", "days"), ("W", "weeks"), ("M", "months")],
                        default="D",
                        max_length=1,
                        verbose_name="closing counted in",
                    ),
                ),
                ("closed_on", models.DateField(blank=True, editable=False, null=True, verbose_name="closed")),
                (
                    "stage_since",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="in stage since"
                    ),
                ),
                ("product", models.CharField(blank=True, max_length=200, verbose_name="product")),
                ("project", models.CharField(blank=True, max_length=100, verbose_name="project")),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                (
                    "close_comment",
                    models.CharField(blank=True, editable=False, max_length=500, verbose_name="closing comment"),
                ),
                ("external_id", models.CharField(blank=True, max_length=100, verbose_name="number in another system")),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=voronka.partners.models.Searchable(
                            models.F("name"), models.F("product"), models.F("external_id")
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "potential_company",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=18, verbose_name="amount in the company's currency"
                    ),
                ),
                (
                    "weighted_company",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.math.Round(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("potential_company"), "*", models.F("percentage")
                                ),
                                "/",
                                models.Value(100),
                            ),
                            precision=2,
                        ),
                        output_field=models.DecimalField(
                            decimal_places=2, max_digits=18, verbose_name="weighted in the company's currency"
                        ),
                    ),
                ),
                (
                    "custom",
                    models.JSONField(
                        blank=True,
                        db_default=models.Value({}, output_field=models.JSONField()),
                        default=dict,
                        editable=False,
                        verbose_name="custom fields",
                    ),
                ),
                (
                    "next_step",
                    models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="next step"),
                ),
                ("next_step_on", models.DateField(blank=True, null=True, verbose_name="next step until")),
                (
                    "forecast_category",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("commit", "Commit"),
                            ("best", "Best case"),
                            ("pipeline", "Pipeline"),
                            ("omitted", "Omitted"),
                        ],
                        db_default="",
                        default="",
                        help_text="Empty: as the closing percentage says, commit from 80 %, best case from 50 %.",
                        max_length=8,
                        verbose_name="in the forecast",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="channelled",
                        to="partners.partner",
                        verbose_name="channel",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="opportunities",
                        to="partners.contact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "deleted_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="deleted by",
                    ),
                ),
                (
                    "industry",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="partners.industry",
                        verbose_name="industry",
                    ),
                ),
                (
                    "interest_level",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="opportunities.interestlevel",
                        verbose_name="level of interest",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opportunities",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="partners.source",
                        verbose_name="information source",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="partners.territory",
                        verbose_name="territory",
                    ),
                ),
            ],
            options={
                "verbose_name": "opportunity",
                "verbose_name_plural": "opportunities",
            },
        ),
        migrations.CreateModel(
            name="HistoryCorrection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                (
                    "before",
                    models.JSONField(
                        encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="states before"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="opportunities.opportunity",
                    ),
                ),
            ],
            options={
                "verbose_name": "correction of history",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="DealPartner",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("details", models.CharField(blank=True, max_length=200, verbose_name="details")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "relationship",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="opportunities.relationship",
                        verbose_name="relationship",
                    ),
                ),
            ],
            options={
                "verbose_name": "partner in an opportunity",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="DealItemEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=200, verbose_name="what")),
                (
                    "quantity",
                    models.DecimalField(
                        decimal_places=3,
                        default=Decimal("1"),
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.001"))],
                        verbose_name="quantity",
                    ),
                ),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="unit")),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=16,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="price",
                    ),
                ),
                (
                    "discount",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                        verbose_name="discount, %",
                    ),
                ),
                (
                    "amount",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.math.Round(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("quantity"), "*", models.F("price")
                                    ),
                                    "*",
                                    django.db.models.expressions.CombinedExpression(
                                        models.Value(100), "-", models.F("discount")
                                    ),
                                ),
                                "/",
                                models.Value(100),
                            ),
                            precision=2,
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=20, verbose_name="amount"),
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="opportunities.dealitem",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.opportunity",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="dealitem",
            name="opportunity",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="%(class)ss",
                to="opportunities.opportunity",
            ),
        ),
        migrations.CreateModel(
            name="DealContactEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("decides", "decides"),
                            ("influences", "influences"),
                            ("uses", "uses"),
                            ("pays", "pays"),
                        ],
                        default="decides",
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                ("details", models.CharField(blank=True, max_length=200, verbose_name="details")),
                (
                    "contact",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.contact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="opportunities.dealcontact",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.opportunity",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="dealcontact",
            name="opportunity",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="%(class)ss",
                to="opportunities.opportunity",
            ),
        ),
        migrations.CreateModel(
            name="DealCompetitorEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "threat",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "low"), (2, "medium"), (3, "high")], default=2, verbose_name="threat"
                    ),
                ),
                ("details", models.CharField(blank=True, max_length=200, verbose_name="details")),
                ("won", models.BooleanField(default=False, verbose_name="won the deal")),
                (
                    "competitor",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.competitor",
                        verbose_name="competitor",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="opportunities.dealcompetitor",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.opportunity",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="dealcompetitor",
            name="opportunity",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="%(class)ss",
                to="opportunities.opportunity",
            ),
        ),
        migrations.CreateModel(
            name="OpportunityInterest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_primary", models.BooleanField(default=False, verbose_name="primary")),
                (
                    "interest",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="opportunities.interest"),
                ),
                (
                    "opportunity",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="opportunities.opportunity"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("opportunity", "interest"), name="opportunityinterest_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_primary", True)),
                        fields=("opportunity",),
                        name="opportunityinterest_one_primary",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="opportunity",
            name="interests",
            field=models.ManyToManyField(
                blank=True,
                through="opportunities.OpportunityInterest",
                to="opportunities.interest",
                verbose_name="interests",
            ),
        ),
        migrations.CreateModel(
            name="Pipeline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("is_default", models.BooleanField(default=False, verbose_name="used for new opportunities")),
            ],
            options={
                "verbose_name": "pipeline",
                "verbose_name_plural": "pipelines",
                "ordering": ["position", "name"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)), fields=("is_default",), name="pipeline_one_default"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="opportunity",
            name="pipeline",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="opportunities",
                to="opportunities.pipeline",
                verbose_name="pipeline",
            ),
        ),
        migrations.AddField(
            model_name="opportunity",
            name="reasons",
            field=models.ManyToManyField(blank=True, to="opportunities.reason", verbose_name="reasons"),
        ),
        migrations.CreateModel(
            name="DealPartnerEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("details", models.CharField(blank=True, max_length=200, verbose_name="details")),
                (
                    "partner",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="opportunities.dealpartner",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "relationship",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.relationship",
                        verbose_name="relationship",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Stage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                (
                    "percentage",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                        verbose_name="closing percentage",
                    ),
                ),
                (
                    "usual_days",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Opportunities that stay longer are marked.",
                        null=True,
                        verbose_name="usual days in stage",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "activity_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Empty: none is needed to enter the stage.",
                        null=True,
                        verbose_name="an activity within the last days",
                    ),
                ),
                ("asks_comment", models.BooleanField(default=False, verbose_name="moving here needs a comment")),
                (
                    "required",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="to be filled in before",
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stages",
                        to="opportunities.pipeline",
                        verbose_name="pipeline",
                    ),
                ),
            ],
            options={
                "verbose_name": "stage",
                "verbose_name_plural": "stages",
                "ordering": ["pipeline", "position", "id"],
                "constraints": [models.UniqueConstraint(fields=("pipeline", "name"), name="stage_unique_name")],
            },
        ),
        migrations.CreateModel(
            name="OwnerTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("status", models.CharField(max_length=4)),
                ("month", models.DateField()),
                ("count", models.BigIntegerField()),
                ("potential", models.DecimalField(decimal_places=2, max_digits=24)),
                ("weighted", models.DecimalField(decimal_places=2, max_digits=24)),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="opportunities.pipeline",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="opportunities.stage",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OpportunityState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(null=True, verbose_name="until")),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                        max_length=4,
                        verbose_name="status",
                    ),
                ),
                ("percentage", models.DecimalField(decimal_places=2, max_digits=5, verbose_name="closing percentage")),
                ("potential", models.DecimalField(decimal_places=2, max_digits=18, verbose_name="potential amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "gross_profit_percent",
                    models.DecimalField(decimal_places=2, max_digits=5, verbose_name="gross profit, %"),
                ),
                ("predicted_close_on", models.DateField(verbose_name="predicted closing")),
                ("comment", models.CharField(blank=True, max_length=500, verbose_name="comment")),
                (
                    "potential_company",
                    models.DecimalField(
                        decimal_places=2, max_digits=18, verbose_name="amount in the company's currency"
                    ),
                ),
                (
                    "weighted_company",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.math.Round(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("potential_company"), "*", models.F("percentage")
                                ),
                                "/",
                                models.Value(100),
                            ),
                            precision=2,
                        ),
                        output_field=models.DecimalField(
                            decimal_places=2, max_digits=18, verbose_name="weighted in the company's currency"
                        ),
                    ),
                ),
                (
                    "forecast_category",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("commit", "Commit"),
                            ("best", "Best case"),
                            ("pipeline", "Pipeline"),
                            ("omitted", "Omitted"),
                        ],
                        db_default="",
                        default="",
                        max_length=8,
                        verbose_name="in the forecast",
                    ),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="changed by",
                    ),
                ),
                (
                    "industry",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.industry",
                        verbose_name="industry",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="states",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.source",
                        verbose_name="information source",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.territory",
                        verbose_name="territory",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="opportunities.stage",
                        verbose_name="stage",
                    ),
                ),
            ],
            options={
                "verbose_name": "state of an opportunity",
                "indexes": [
                    models.Index(fields=["opportunity", "since"], name="state_by_opportunity"),
                    models.Index(fields=["since"], name="state_by_since"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__isnull", True), ("until__gt", models.F("since")), _connector="OR"),
                        name="state_forward_in_time",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("opportunity", "="),
                            (
                                voronka.opportunities.models.SpanRange(
                                    "since", "until", django.contrib.postgres.fields.ranges.RangeBoundary()
                                ),
                                "&&",
                            ),
                        ],
                        name="state_no_overlap",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpportunityEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted")),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                        default="open",
                        max_length=4,
                        verbose_name="status",
                    ),
                ),
                (
                    "percentage",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                        verbose_name="closing percentage",
                    ),
                ),
                (
                    "potential",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=18,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="potential amount",
                    ),
                ),
                ("currency", models.CharField(default="RUB", max_length=3, verbose_name="currency")),
                (
                    "weighted",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.math.Round(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("potential"), "*", models.F("percentage")
                                ),
                                "/",
                                models.Value(100),
                            ),
                            precision=2,
                        ),
                        output_field=models.DecimalField(
                            decimal_places=2, max_digits=18, verbose_name="weighted amount"
                        ),
                    ),
                ),
                (
                    "gross_profit_percent",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                        verbose_name="gross profit, %",
                    ),
                ),
                (
                    "gross_profit",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.math.Round(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("potential"), "*", models.F("gross_profit_percent")
                                ),
                                "/",
                                models.Value(100),
                            ),
                            precision=2,
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=18, verbose_name="gross profit"),
                    ),
                ),
                ("opened_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="opened")),
                ("predicted_close_on", models.DateField(verbose_name="predicted closing")),
                (
                    "closes_unit",
                    models.CharField(
                        choices=[("D", "days"), ("W", "weeks"), ("M", "months")],
                        default="D",
                        max_length=1,
                        verbose_name="closing counted in",
                    ),
                ),
                ("closed_on", models.DateField(blank=True, editable=False, null=True, verbose_name="closed")),
                (
                    "stage_since",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="in stage since"
                    ),
                ),
                ("product", models.CharField(blank=True, max_length=200, verbose_name="product")),
                ("project", models.CharField(blank=True, max_length=100, verbose_name="project")),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                (
                    "close_comment",
                    models.CharField(blank=True, editable=False, max_length=500, verbose_name="closing comment"),
                ),
                ("external_id", models.CharField(blank=True, max_length=100, verbose_name="number in another system")),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=voronka.partners.models.Searchable(
                            models.F("name"), models.F("product"), models.F("external_id")
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "potential_company",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=18, verbose_name="amount in the company's currency"
                    ),
                ),
                (
                    "weighted_company",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.math.Round(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("potential_company"), "*", models.F("percentage")
                                ),
                                "/",
                                models.Value(100),
                            ),
                            precision=2,
                        ),
                        output_field=models.DecimalField(
                            decimal_places=2, max_digits=18, verbose_name="weighted in the company's currency"
                        ),
                    ),
                ),
                (
                    "custom",
                    models.JSONField(
                        blank=True,
                        db_default=models.Value({}, output_field=models.JSONField()),
                        default=dict,
                        editable=False,
                        verbose_name="custom fields",
                    ),
                ),
                (
                    "next_step",
                    models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="next step"),
                ),
                ("next_step_on", models.DateField(blank=True, null=True, verbose_name="next step until")),
                (
                    "forecast_category",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("commit", "Commit"),
                            ("best", "Best case"),
                            ("pipeline", "Pipeline"),
                            ("omitted", "Omitted"),
                        ],
                        db_default="",
                        default="",
                        help_text="Empty: as the closing percentage says, commit from 80 %, best case from 50 %.",
                        max_length=8,
                        verbose_name="in the forecast",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.partner",
                        verbose_name="channel",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.contact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "deleted_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="deleted by",
                    ),
                ),
                (
                    "industry",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.industry",
                        verbose_name="industry",
                    ),
                ),
                (
                    "interest_level",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.interestlevel",
                        verbose_name="level of interest",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="opportunities.opportunity",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.source",
                        verbose_name="information source",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.territory",
                        verbose_name="territory",
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.pipeline",
                        verbose_name="pipeline",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.stage",
                        verbose_name="stage",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="opportunity",
            name="stage",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="opportunities",
                to="opportunities.stage",
                verbose_name="stage",
            ),
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("status", models.CharField(max_length=4)),
                ("month", models.DateField()),
                ("count", models.BigIntegerField()),
                ("potential", models.DecimalField(decimal_places=2, max_digits=24)),
                ("weighted", models.DecimalField(decimal_places=2, max_digits=24)),
                (
                    "industry",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="partners.industry",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="opportunities.pipeline",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="partners.source",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="opportunities.stage",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="partners.territory",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Target",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("month", "month"), ("quarter", "quarter"), ("year", "year")],
                        max_length=7,
                        verbose_name="period",
                    ),
                ),
                ("first", models.DateField(verbose_name="first day")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=18,
                        validators=[django.core.validators.MinValueValidator(Decimal("1"))],
                        verbose_name="to win",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "sales target",
                "verbose_name_plural": "sales targets",
                "ordering": ["first", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "first", "person", "team"), name="target_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person__isnull", True), ("team__isnull", True), _connector="OR"),
                        name="target_of_one",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="dealcontact",
            constraint=models.UniqueConstraint(
                fields=("opportunity", "contact", "role"), name="dealcontact_once_a_role"
            ),
        ),
        migrations.AddConstraint(
            model_name="dealcompetitor",
            constraint=models.UniqueConstraint(fields=("opportunity", "competitor"), name="dealcompetitor_once"),
        ),
        migrations.AddConstraint(
            model_name="dealcompetitor",
            constraint=models.UniqueConstraint(
                condition=models.Q(("won", True)), fields=("opportunity",), name="dealcompetitor_one_won"
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["percentage", "id"],
                name="opportunity_by_percentage",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["predicted_close_on", "id"],
                name="opportunity_by_predicted",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["opened_on", "id"],
                name="opportunity_by_opened",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["stage_since", "id"],
                name="opportunity_by_stage_since",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)), fields=["name", "id"], name="opportunity_by_name"
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["created_at", "id"],
                name="opportunity_by_created",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=["external_id"],
                name="opportunity_by_external_id",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["deleted_at"], name="opportunity_in_bin"
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("search"), "gin_trgm_ops"), name="opportunity_search"
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["potential_company", "id"],
                name="opportunity_by_potential",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["weighted_company", "id"],
                name="opportunity_by_weighted",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["owner", "potential_company", "id"],
                name="opportunity_by_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("status", "open")),
                fields=["stage", "potential_company", "id"],
                name="opportunity_on_board",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("custom"), "jsonb_path_ops"),
                condition=models.Q(("custom", {}), _negated=True),
                name="opportunity_custom",
            ),
        ),
        migrations.AddIndex(
            model_name="opportunity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["next_step_on", "id"],
                name="opportunity_by_next_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.CheckConstraint(
                condition=models.Q(("percentage__gte", 0), ("percentage__lte", 100)), name="opportunity_percentage"
            ),
        ),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.CheckConstraint(condition=models.Q(("potential__gte", 0)), name="opportunity_potential"),
        ),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_on__isnull", True), ("status", "open")),
                    models.Q(models.Q(("status", "open"), _negated=True), ("closed_on__isnull", False)),
                    _connector="OR",
                ),
                name="opportunity_closed_has_date",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dealitemevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="432175d1b2db3a95898b15f0bd23ec935bc96bdf",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_4ffad",
                    table="opportunities_dealitemevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dealitem",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "opportunities_dealitemevent" ("discount", "id", "name", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price", "quantity", "unit") SELECT old_values."discount", old_values."id", old_values."name", old_values."opportunity_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."price", old_values."quantity", old_values."unit" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="c72c2af45bed42f7364ae1cfea4a4a6c3ccb5ca1",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_a0f37",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="opportunities_dealitem",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dealitem",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "opportunities_dealitemevent" ("discount", "id", "name", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price", "quantity", "unit") SELECT old_values."discount", old_values."id", old_values."name", old_values."opportunity_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."price", old_values."quantity", old_values."unit" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="2dc4037395dd40639fa8c5598e7fa20a028e9753",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_c1132",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="opportunities_dealitem",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dealcontactevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="db104ac9bf1738812d2ffff876657f10630cd16c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_efb8a",
                    table="opportunities_dealcontactevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dealcontact",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "opportunities_dealcontactevent" ("contact_id", "details", "id", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role") SELECT old_values."contact_id", old_values."details", old_values."id", old_values."opportunity_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."role" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="86d713e2f3c4b604eca30bedebb2bbc50a85b4b4",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_cb015",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="opportunities_dealcontact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dealcontact",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "opportunities_dealcontactevent" ("contact_id", "details", "id", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role") SELECT old_values."contact_id", old_values."details", old_values."id", old_values."opportunity_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."role" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="27a08f5f059cc2fa4a8f41009a5089d1913f3e7d",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6fe7d",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="opportunities_dealcontact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dealcompetitorevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="7df7880e2f426f2bcc9390b300e702e6e09fa0e2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_de9fe",
                    table="opportunities_dealcompetitorevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dealcompetitor",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "opportunities_dealcompetitorevent" ("competitor_id", "details", "id", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "threat", "won") SELECT old_values."competitor_id", old_values."details", old_values."id", old_values."opportunity_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."threat", old_values."won" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="37b99e9d7924879a0766cbc8127b5ae360775ce9",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_bae5a",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="opportunities_dealcompetitor",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dealcompetitor",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "opportunities_dealcompetitorevent" ("competitor_id", "details", "id", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "threat", "won") SELECT old_values."competitor_id", old_values."details", old_values."id", old_values."opportunity_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."threat", old_values."won" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="92805086e465be7b93363824a3da9cdd69c1e887",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_9008d",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="opportunities_dealcompetitor",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dealpartnerevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a119eaf0f538aa2d827a16dbdb25f723a4bb3a60",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_54102",
                    table="opportunities_dealpartnerevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dealpartner",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "opportunities_dealpartnerevent" ("details", "id", "opportunity_id", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relationship_id") SELECT old_values."details", old_values."id", old_values."opportunity_id", old_values."partner_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."relationship_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="ef08034cec85bf4a97debd3e77f1b426ebcf4b4e",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e5eef",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="opportunities_dealpartner",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dealpartner",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "opportunities_dealpartnerevent" ("details", "id", "opportunity_id", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relationship_id") SELECT old_values."details", old_values."id", old_values."opportunity_id", old_values."partner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."relationship_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="4ce0e20a490018671118bc716410c18bbeb6ce51",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_c5b30",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="opportunities_dealpartner",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunityevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="1f34fab3fa22e4ba199ac43f479549fbdfdfd1b7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_5c6cb",
                    table="opportunities_opportunityevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="tally_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        INSERT INTO opportunities_tally (pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, month, count, potential, weighted)\n        SELECT pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, month, sum(sign), sum(sign * potential), sum(sign * weighted) FROM (SELECT pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, date_trunc('month', (CASE WHEN status = 'open' THEN predicted_close_on ELSE closed_on END)::timestamp)::date AS month, 1 AS sign, potential_company AS potential, weighted_company AS weighted FROM new_rows WHERE deleted_at IS NULL) shares GROUP BY pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, month\n        HAVING sum(sign) <> 0 OR sum(sign * potential) <> 0 OR sum(sign * weighted) <> 0;\n    \n        INSERT INTO opportunities_ownertally (pipeline_id, stage_id, status, owner_id, month, count, potential, weighted)\n        SELECT pipeline_id, stage_id, status, owner_id, month, sum(sign), sum(sign * potential), sum(sign * weighted) FROM (SELECT pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, date_trunc('month', (CASE WHEN status = 'open' THEN predicted_close_on ELSE closed_on END)::timestamp)::date AS month, 1 AS sign, potential_company AS potential, weighted_company AS weighted FROM new_rows WHERE deleted_at IS NULL) shares GROUP BY pipeline_id, stage_id, status, owner_id, month\n        HAVING sum(sign) <> 0 OR sum(sign * potential) <> 0 OR sum(sign * weighted) <> 0;\n    RETURN NULL;",
                    hash="a3a24b79eb8b4ce642c318dacd8539a797bd012e",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_tally_insert_cd2a5",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="opportunities_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="tally_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        INSERT INTO opportunities_tally (pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, month, count, potential, weighted)\n        SELECT pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, month, sum(sign), sum(sign * potential), sum(sign * weighted) FROM (SELECT pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, date_trunc('month', (CASE WHEN status = 'open' THEN predicted_close_on ELSE closed_on END)::timestamp)::date AS month, -1 AS sign, potential_company AS potential, weighted_company AS weighted FROM old_rows WHERE deleted_at IS NULL UNION ALL SELECT pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, date_trunc('month', (CASE WHEN status = 'open' THEN predicted_close_on ELSE closed_on END)::timestamp)::date AS month, 1 AS sign, potential_company AS potential, weighted_company AS weighted FROM new_rows WHERE deleted_at IS NULL) shares GROUP BY pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, month\n        HAVING sum(sign) <> 0 OR sum(sign * potential) <> 0 OR sum(sign * weighted) <> 0;\n    \n        INSERT INTO opportunities_ownertally (pipeline_id, stage_id, status, owner_id, month, count, potential, weighted)\n        SELECT pipeline_id, stage_id, status, owner_id, month, sum(sign), sum(sign * potential), sum(sign * weighted) FROM (SELECT pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, date_trunc('month', (CASE WHEN status = 'open' THEN predicted_close_on ELSE closed_on END)::timestamp)::date AS month, -1 AS sign, potential_company AS potential, weighted_company AS weighted FROM old_rows WHERE deleted_at IS NULL UNION ALL SELECT pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, date_trunc('month', (CASE WHEN status = 'open' THEN predicted_close_on ELSE closed_on END)::timestamp)::date AS month, 1 AS sign, potential_company AS potential, weighted_company AS weighted FROM new_rows WHERE deleted_at IS NULL) shares GROUP BY pipeline_id, stage_id, status, owner_id, month\n        HAVING sum(sign) <> 0 OR sum(sign * potential) <> 0 OR sum(sign * weighted) <> 0;\n    RETURN NULL;",
                    hash="c429b2de99a0360a975e4a4c27d975c8e41beb49",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_tally_update_0ae04",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="opportunities_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="tally_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        INSERT INTO opportunities_tally (pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, month, count, potential, weighted)\n        SELECT pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, month, sum(sign), sum(sign * potential), sum(sign * weighted) FROM (SELECT pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, date_trunc('month', (CASE WHEN status = 'open' THEN predicted_close_on ELSE closed_on END)::timestamp)::date AS month, -1 AS sign, potential_company AS potential, weighted_company AS weighted FROM old_rows WHERE deleted_at IS NULL) shares GROUP BY pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, month\n        HAVING sum(sign) <> 0 OR sum(sign * potential) <> 0 OR sum(sign * weighted) <> 0;\n    \n        INSERT INTO opportunities_ownertally (pipeline_id, stage_id, status, owner_id, month, count, potential, weighted)\n        SELECT pipeline_id, stage_id, status, owner_id, month, sum(sign), sum(sign * potential), sum(sign * weighted) FROM (SELECT pipeline_id, stage_id, status, owner_id, territory_id, source_id, industry_id, date_trunc('month', (CASE WHEN status = 'open' THEN predicted_close_on ELSE closed_on END)::timestamp)::date AS month, -1 AS sign, potential_company AS potential, weighted_company AS weighted FROM old_rows WHERE deleted_at IS NULL) shares GROUP BY pipeline_id, stage_id, status, owner_id, month\n        HAVING sum(sign) <> 0 OR sum(sign * potential) <> 0 OR sum(sign * weighted) <> 0;\n    RETURN NULL;",
                    hash="0d1364df3835bd435c58b3a0b3551386553f0360",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_tally_delete_48f7f",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="opportunities_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "opportunities_opportunityevent" ("channel_id", "close_comment", "closed_on", "closes_unit", "contact_id", "created_at", "created_by_id", "currency", "custom", "deleted_at", "deleted_by_id", "external_id", "forecast_category", "gross_profit_percent", "id", "industry_id", "interest_level_id", "name", "next_step", "next_step_on", "opened_on", "owner_id", "partner_id", "percentage", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pipeline_id", "potential", "potential_company", "predicted_close_on", "product", "project", "remarks", "source_id", "stage_id", "stage_since", "status", "territory_id", "updated_at", "version") SELECT old_values."channel_id", old_values."close_comment", old_values."closed_on", old_values."closes_unit", old_values."contact_id", old_values."created_at", old_values."created_by_id", old_values."currency", old_values."custom", old_values."deleted_at", old_values."deleted_by_id", old_values."external_id", old_values."forecast_category", old_values."gross_profit_percent", old_values."id", old_values."industry_id", old_values."interest_level_id", old_values."name", old_values."next_step", old_values."next_step_on", old_values."opened_on", old_values."owner_id", old_values."partner_id", old_values."percentage", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."pipeline_id", old_values."potential", old_values."potential_company", old_values."predicted_close_on", old_values."product", old_values."project", old_values."remarks", old_values."source_id", old_values."stage_id", old_values."stage_since", old_values."status", old_values."territory_id", old_values."updated_at", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="21bbee69952eac773938b2b5c91a716d9c7d918d",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_3a20e",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="opportunities_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "opportunities_opportunityevent" ("channel_id", "close_comment", "closed_on", "closes_unit", "contact_id", "created_at", "created_by_id", "currency", "custom", "deleted_at", "deleted_by_id", "external_id", "forecast_category", "gross_profit_percent", "id", "industry_id", "interest_level_id", "name", "next_step", "next_step_on", "opened_on", "owner_id", "partner_id", "percentage", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pipeline_id", "potential", "potential_company", "predicted_close_on", "product", "project", "remarks", "source_id", "stage_id", "stage_since", "status", "territory_id", "updated_at", "version") SELECT old_values."channel_id", old_values."close_comment", old_values."closed_on", old_values."closes_unit", old_values."contact_id", old_values."created_at", old_values."created_by_id", old_values."currency", old_values."custom", old_values."deleted_at", old_values."deleted_by_id", old_values."external_id", old_values."forecast_category", old_values."gross_profit_percent", old_values."id", old_values."industry_id", old_values."interest_level_id", old_values."name", old_values."next_step", old_values."next_step_on", old_values."opened_on", old_values."owner_id", old_values."partner_id", old_values."percentage", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."pipeline_id", old_values."potential", old_values."potential_company", old_values."predicted_close_on", old_values."product", old_values."project", old_values."remarks", old_values."source_id", old_values."stage_id", old_values."stage_since", old_values."status", old_values."territory_id", old_values."updated_at", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="fcdbad37a839b8f502909f8c0eb16081747e3836",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6bf7f",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="opportunities_opportunity",
                    when="AFTER",
                ),
            ),
        ),
    ]
