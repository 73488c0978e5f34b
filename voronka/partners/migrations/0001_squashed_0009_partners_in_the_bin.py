"""All tables of the app at once, for an empty database; older ones go the long way of the steps this replaces."""

import django.contrib.postgres.indexes
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
import voronka.partners.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("partners", "0001_initial"),
        ("partners", "0002_second_phone"),
        ("partners", "0003_statement_history"),
        ("partners", "0004_merge"),
        ("partners", "0005_card_in_full"),
        ("partners", "0006_twins"),
        ("partners", "0007_assignment_and_first_answers"),
        ("partners", "0008_small_emails"),
        ("partners", "0009_partners_in_the_bin"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("core", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        # Partner codes: P000001 and on, longer when needed, never given twice.
        migrations.RunSQL(
            """
            CREATE SEQUENCE partners_code_seq;
            CREATE FUNCTION partners_next_code() RETURNS text LANGUAGE sql VOLATILE AS $$
                SELECT 'P' || lpad(n::text, greatest(6, length(n::text)), '0') FROM nextval('partners_code_seq') n
            $$;
            """,
            "DROP FUNCTION partners_next_code; DROP SEQUENCE partners_code_seq;",
        ),
        migrations.CreateModel(
            name="ContactRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "role of a contact",
                "verbose_name_plural": "roles of contacts",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Industry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "industry",
                "verbose_name_plural": "industries",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PartnerGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "side",
                    models.CharField(
                        blank=True,
                        choices=[("", "for all"), ("buyers", "for leads and customers"), ("vendors", "for vendors")],
                        db_default="",
                        default="",
                        max_length=7,
                        verbose_name="for whom",
                    ),
                ),
            ],
            options={
                "verbose_name": "partner group",
                "verbose_name_plural": "partner groups",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PaymentTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "counted_from",
                    models.CharField(
                        choices=[
                            ("document", "day of the document"),
                            ("half_month", "next half of the month"),
                            ("month_end", "end of the month"),
                            ("month_start", "start of the next month"),
                        ],
                        default="document",
                        max_length=11,
                        verbose_name="counted from",
                    ),
                ),
                (
                    "months",
                    models.PositiveSmallIntegerField(
                        default=0, validators=[django.core.validators.MaxValueValidator(60)], verbose_name="months"
                    ),
                ),
                (
                    "days",
                    models.PositiveSmallIntegerField(
                        default=0, validators=[django.core.validators.MaxValueValidator(366)], verbose_name="days"
                    ),
                ),
                (
                    "tolerance_days",
                    models.PositiveSmallIntegerField(
                        default=0,
                        validators=[django.core.validators.MaxValueValidator(366)],
                        verbose_name="days of grace",
                    ),
                ),
                (
                    "instalments",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="instalments",
                    ),
                ),
                (
                    "credit_limit",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="credit limit",
                    ),
                ),
                (
                    "commitment_limit",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="commitment limit",
                    ),
                ),
                (
                    "discount_percent",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="discount, %",
                    ),
                ),
                (
                    "interest_percent",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="interest on arrears, % a year",
                    ),
                ),
                ("price_list", models.CharField(blank=True, max_length=100, verbose_name="price list")),
            ],
            options={
                "verbose_name": "payment terms",
                "verbose_name_plural": "payment terms",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Priority",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "priority",
                "verbose_name_plural": "priorities",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "information source",
                "verbose_name_plural": "information sources",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("legal", "Legal address"),
                            ("actual", "Actual address"),
                            ("billing", "Bill to"),
                            ("shipping", "Ship to"),
                            ("postal", "Postal address"),
                        ],
                        default="actual",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("country", models.CharField(default="RU", max_length=2, verbose_name="country")),
                ("postcode", models.CharField(blank=True, max_length=20, verbose_name="postcode")),
                ("region", models.CharField(blank=True, max_length=100, verbose_name="region")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="city")),
                ("street", models.CharField(blank=True, max_length=300, verbose_name="street, house, office")),
                ("is_default", models.BooleanField(default=False, verbose_name="default of its kind")),
                (
                    "building",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=100, verbose_name="building, floor, entrance"
                    ),
                ),
                (
                    "county",
                    models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="district"),
                ),
                ("is_active", models.BooleanField(db_default=True, default=True, verbose_name="active")),
                ("name", models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="name")),
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
            ],
            options={
                "verbose_name": "address",
                "verbose_name_plural": "addresses",
                "ordering": ["-is_active", "kind", "-is_default", "id"],
            },
        ),
        migrations.CreateModel(
            name="AssignmentRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "daily_limit",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="leads a day for each",
                    ),
                ),
                (
                    "people",
                    models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="take turns"),
                ),
                (
                    "industry",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.industry",
                        verbose_name="industry",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.source",
                        verbose_name="information source",
                    ),
                ),
            ],
            options={
                "verbose_name": "assignment rule",
                "verbose_name_plural": "assignment rules",
                "ordering": ["position", "name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="BankAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted")),
                ("bank_name", models.CharField(max_length=200, verbose_name="bank")),
                ("bic", models.CharField(blank=True, max_length=11, verbose_name="BIC")),
                ("account", models.CharField(blank=True, max_length=34, verbose_name="account")),
                (
                    "correspondent_account",
                    models.CharField(blank=True, max_length=20, verbose_name="correspondent account"),
                ),
                ("currency", models.CharField(default="RUB", max_length=3, verbose_name="currency")),
                ("is_default", models.BooleanField(default=False, verbose_name="main account")),
                (
                    "account_name",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=100, verbose_name="name of the account"
                    ),
                ),
                (
                    "branch",
                    models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="branch"),
                ),
                ("iban", models.CharField(blank=True, db_default="", default="", max_length=34, verbose_name="IBAN")),
                ("swift", models.CharField(blank=True, db_default="", default="", max_length=11, verbose_name="SWIFT")),
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
            ],
            options={
                "verbose_name": "bank account",
                "verbose_name_plural": "bank accounts",
                "ordering": ["-is_default", "id"],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted")),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                ("position", models.CharField(blank=True, max_length=150, verbose_name="job title")),
                ("phone", models.CharField(blank=True, max_length=32, verbose_name="phone")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("remarks", models.CharField(blank=True, max_length=500, verbose_name="remarks")),
                ("is_default", models.BooleanField(default=False, verbose_name="main contact")),
                ("birth_date", models.DateField(blank=True, null=True, verbose_name="date of birth")),
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
                    "first_name",
                    models.CharField(blank=True, db_default="", default="", max_length=50, verbose_name="first name"),
                ),
                (
                    "gender",
                    models.CharField(
                        blank=True,
                        choices=[("f", "female"), ("m", "male")],
                        db_default="",
                        default="",
                        max_length=1,
                        verbose_name="gender",
                    ),
                ),
                ("is_active", models.BooleanField(db_default=True, default=True, verbose_name="active")),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        choices=[("ru", "Russian"), ("en", "English")],
                        db_default="",
                        default="",
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                (
                    "last_name",
                    models.CharField(blank=True, db_default="", default="", max_length=50, verbose_name="last name"),
                ),
                (
                    "middle_name",
                    models.CharField(blank=True, db_default="", default="", max_length=50, verbose_name="middle name"),
                ),
                (
                    "mobile",
                    models.CharField(blank=True, db_default="", default="", max_length=32, verbose_name="mobile phone"),
                ),
                ("title", models.CharField(blank=True, db_default="", default="", max_length=30, verbose_name="title")),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=voronka.partners.models.Searchable(
                            models.F("name"), models.F("phone"), models.F("mobile"), models.F("email")
                        ),
                        output_field=models.TextField(),
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
                    "roles",
                    models.ManyToManyField(
                        blank=True,
                        related_name="contacts",
                        to="partners.contactrole",
                        verbose_name="roles in a purchase",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "ordering": ["-is_active", "-is_default", "name"],
            },
        ),
        migrations.CreateModel(
            name="DuplicateScan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for the worker"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("rows", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(null=True)),
                ("found", models.PositiveIntegerField(null=True)),
                ("seconds", models.FloatField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("seen_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "comparison of the whole base",
            },
        ),
        migrations.CreateModel(
            name="Partner",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted")),
                (
                    "code",
                    models.CharField(
                        db_default=voronka.partners.models.NextCode(),
                        editable=False,
                        max_length=20,
                        verbose_name="code",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("lead", "Lead"), ("customer", "Customer"), ("vendor", "Vendor")],
                        default="lead",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("is_channel", models.BooleanField(default=False, verbose_name="sales channel (reseller)")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("full_name", models.CharField(blank=True, max_length=300, verbose_name="full legal name")),
                (
                    "legal_status",
                    models.CharField(
                        choices=[
                            ("company", "Company"),
                            ("sole", "Sole proprietor"),
                            ("person", "Natural person"),
                            ("government", "Government"),
                        ],
                        default="company",
                        max_length=10,
                        verbose_name="legal status",
                    ),
                ),
                ("country", models.CharField(default="RU", max_length=2, verbose_name="country")),
                ("tax_id", models.CharField(blank=True, max_length=32, verbose_name="tax ID (INN)")),
                ("kpp", models.CharField(blank=True, max_length=9, verbose_name="KPP")),
                ("ogrn", models.CharField(blank=True, max_length=15, verbose_name="OGRN")),
                ("phone", models.CharField(blank=True, max_length=32, verbose_name="phone")),
                ("phone2", models.CharField(blank=True, max_length=32, verbose_name="second phone")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("website", models.CharField(blank=True, max_length=200, verbose_name="website")),
                ("employees", models.PositiveIntegerField(blank=True, null=True, verbose_name="employees")),
                (
                    "annual_revenue",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="annual revenue",
                    ),
                ),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                ("external_id", models.CharField(blank=True, max_length=100, verbose_name="number in another system")),
                ("became_customer_at", models.DateTimeField(editable=False, null=True, verbose_name="customer since")),
                (
                    "name_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=voronka.partners.models.NameKey(models.F("name")),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "alias",
                    models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="also called"),
                ),
                (
                    "commitment_limit",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="commitment limit",
                    ),
                ),
                (
                    "credit_limit",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="credit limit",
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
                    "discount_percent",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="discount, %",
                    ),
                ),
                (
                    "foreign_name",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=200, verbose_name="name in another language"
                    ),
                ),
                ("frozen_from", models.DateField(blank=True, null=True, verbose_name="frozen from")),
                (
                    "frozen_remark",
                    models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="why frozen"),
                ),
                ("frozen_until", models.DateField(blank=True, null=True, verbose_name="frozen until")),
                (
                    "interest_percent",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="interest on arrears, % a year",
                    ),
                ),
                ("is_frozen", models.BooleanField(db_default=False, default=False, verbose_name="frozen")),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        choices=[("ru", "Russian"), ("en", "English")],
                        db_default="",
                        default="",
                        max_length=2,
                        verbose_name="language of documents",
                    ),
                ),
                (
                    "price_list",
                    models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="price list"),
                ),
                (
                    "project",
                    models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="project"),
                ),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=voronka.partners.models.Searchable(
                            models.F("name"),
                            models.F("full_name"),
                            models.F("alias"),
                            models.F("foreign_name"),
                            models.F("code"),
                            models.F("tax_id"),
                            models.F("phone"),
                            models.F("phone2"),
                            models.F("email"),
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="first answered")),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sells_to",
                        to="partners.partner",
                        verbose_name="channel",
                    ),
                ),
                (
                    "connected",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                        verbose_name="connected vendor or customer",
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
                    "merged_into",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="partners.partner",
                        verbose_name="merged into",
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
                    "technician",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="technician",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="partners.partnergroup",
                        verbose_name="group",
                    ),
                ),
                (
                    "payment_terms",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="partners.paymentterms",
                        verbose_name="payment terms",
                    ),
                ),
                (
                    "priority",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="partners.priority",
                        verbose_name="priority",
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
                    "tags",
                    models.ManyToManyField(blank=True, related_name="partners", to="partners.tag", verbose_name="tags"),
                ),
            ],
            options={
                "verbose_name": "partner",
                "verbose_name_plural": "partners",
            },
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("moved", models.JSONField(default=dict)),
                ("fields", models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
                ("undone_at", models.DateTimeField(null=True)),
                ("conflicts", models.JSONField(default=list)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "loser",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
                (
                    "winner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.partner"
                    ),
                ),
            ],
            options={
                "verbose_name": "merge",
            },
        ),
        migrations.CreateModel(
            name="ContactEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted")),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                ("position", models.CharField(blank=True, max_length=150, verbose_name="job title")),
                ("phone", models.CharField(blank=True, max_length=32, verbose_name="phone")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("remarks", models.CharField(blank=True, max_length=500, verbose_name="remarks")),
                ("is_default", models.BooleanField(default=False, verbose_name="main contact")),
                ("birth_date", models.DateField(blank=True, null=True, verbose_name="date of birth")),
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
                    "first_name",
                    models.CharField(blank=True, db_default="", default="", max_length=50, verbose_name="first name"),
                ),
                (
                    "gender",
                    models.CharField(
                        blank=True,
                        choices=[("f", "female"), ("m", "male")],
                        db_default="",
                        default="",
                        max_length=1,
                        verbose_name="gender",
                    ),
                ),
                ("is_active", models.BooleanField(db_default=True, default=True, verbose_name="active")),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        choices=[("ru", "Russian"), ("en", "English")],
                        db_default="",
                        default="",
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                (
                    "last_name",
                    models.CharField(blank=True, db_default="", default="", max_length=50, verbose_name="last name"),
                ),
                (
                    "middle_name",
                    models.CharField(blank=True, db_default="", default="", max_length=50, verbose_name="middle name"),
                ),
                (
                    "mobile",
                    models.CharField(blank=True, db_default="", default="", max_length=32, verbose_name="mobile phone"),
                ),
                ("title", models.CharField(blank=True, db_default="", default="", max_length=30, verbose_name="title")),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=voronka.partners.models.Searchable(
                            models.F("name"), models.F("phone"), models.F("mobile"), models.F("email")
                        ),
                        output_field=models.TextField(),
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
                        to="partners.contact",
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="contact",
            name="partner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="contacts",
                to="partners.partner",
                verbose_name="partner",
            ),
        ),
        migrations.CreateModel(
            name="BankAccountEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted")),
                ("bank_name", models.CharField(max_length=200, verbose_name="bank")),
                ("bic", models.CharField(blank=True, max_length=11, verbose_name="BIC")),
                ("account", models.CharField(blank=True, max_length=34, verbose_name="account")),
                (
                    "correspondent_account",
                    models.CharField(blank=True, max_length=20, verbose_name="correspondent account"),
                ),
                ("currency", models.CharField(default="RUB", max_length=3, verbose_name="currency")),
                ("is_default", models.BooleanField(default=False, verbose_name="main account")),
                (
                    "account_name",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=100, verbose_name="name of the account"
                    ),
                ),
                (
                    "branch",
                    models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="branch"),
                ),
                ("iban", models.CharField(blank=True, db_default="", default="", max_length=34, verbose_name="IBAN")),
                ("swift", models.CharField(blank=True, db_default="", default="", max_length=11, verbose_name="SWIFT")),
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
                        to="partners.bankaccount",
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="bankaccount",
            name="partner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="bank_accounts",
                to="partners.partner",
                verbose_name="partner",
            ),
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="when")),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="partners.assignmentrule",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="assignments", to="partners.partner"
                    ),
                ),
            ],
            options={
                "verbose_name": "assignment of a lead",
                "indexes": [models.Index(fields=["rule", "person", "-at"], name="assignment_turns")],
            },
        ),
        migrations.CreateModel(
            name="AddressEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("legal", "Legal address"),
                            ("actual", "Actual address"),
                            ("billing", "Bill to"),
                            ("shipping", "Ship to"),
                            ("postal", "Postal address"),
                        ],
                        default="actual",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("country", models.CharField(default="RU", max_length=2, verbose_name="country")),
                ("postcode", models.CharField(blank=True, max_length=20, verbose_name="postcode")),
                ("region", models.CharField(blank=True, max_length=100, verbose_name="region")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="city")),
                ("street", models.CharField(blank=True, max_length=300, verbose_name="street, house, office")),
                ("is_default", models.BooleanField(default=False, verbose_name="default of its kind")),
                (
                    "building",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=100, verbose_name="building, floor, entrance"
                    ),
                ),
                (
                    "county",
                    models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="district"),
                ),
                ("is_active", models.BooleanField(db_default=True, default=True, verbose_name="active")),
                ("name", models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="name")),
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
                        to="partners.address",
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="address",
            name="partner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="addresses",
                to="partners.partner",
                verbose_name="partner",
            ),
        ),
        migrations.CreateModel(
            name="AccessRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("typed", models.JSONField(default=dict)),
                ("message", models.CharField(blank=True, max_length=1000, verbose_name="message")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Waits for an answer"),
                            ("granted", "Handed over"),
                            ("answered", "Answered"),
                            ("refused", "Refused"),
                        ],
                        default="open",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("answer", models.CharField(blank=True, max_length=1000, verbose_name="answer")),
                ("answered_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="asked")),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "asked_of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked of",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_requests",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "request for a partner",
                "indexes": [
                    models.Index(fields=["asked_by", "-id"], name="accessrequest_by_asker"),
                    models.Index(condition=models.Q(("status", "open")), fields=["-id"], name="accessrequest_open"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("partner", "asked_by"),
                        name="accessrequest_one_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Territory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="children",
                        to="partners.territory",
                        verbose_name="parent",
                    ),
                ),
            ],
            options={
                "verbose_name": "territory",
                "verbose_name_plural": "territories",
                "ordering": ["position", "name"],
            },
        ),
        migrations.CreateModel(
            name="PartnerEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted")),
                (
                    "code",
                    models.CharField(
                        db_default=voronka.partners.models.NextCode(),
                        editable=False,
                        max_length=20,
                        verbose_name="code",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("lead", "Lead"), ("customer", "Customer"), ("vendor", "Vendor")],
                        default="lead",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("is_channel", models.BooleanField(default=False, verbose_name="sales channel (reseller)")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("full_name", models.CharField(blank=True, max_length=300, verbose_name="full legal name")),
                (
                    "legal_status",
                    models.CharField(
                        choices=[
                            ("company", "Company"),
                            ("sole", "Sole proprietor"),
                            ("person", "Natural person"),
                            ("government", "Government"),
                        ],
                        default="company",
                        max_length=10,
                        verbose_name="legal status",
                    ),
                ),
                ("country", models.CharField(default="RU", max_length=2, verbose_name="country")),
                ("tax_id", models.CharField(blank=True, max_length=32, verbose_name="tax ID (INN)")),
                ("kpp", models.CharField(blank=True, max_length=9, verbose_name="KPP")),
                ("ogrn", models.CharField(blank=True, max_length=15, verbose_name="OGRN")),
                ("phone", models.CharField(blank=True, max_length=32, verbose_name="phone")),
                ("phone2", models.CharField(blank=True, max_length=32, verbose_name="second phone")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("website", models.CharField(blank=True, max_length=200, verbose_name="website")),
                ("employees", models.PositiveIntegerField(blank=True, null=True, verbose_name="employees")),
                (
                    "annual_revenue",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="annual revenue",
                    ),
                ),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                ("external_id", models.CharField(blank=True, max_length=100, verbose_name="number in another system")),
                ("became_customer_at", models.DateTimeField(editable=False, null=True, verbose_name="customer since")),
                (
                    "name_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=voronka.partners.models.NameKey(models.F("name")),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "alias",
                    models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="also called"),
                ),
                (
                    "commitment_limit",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="commitment limit",
                    ),
                ),
                (
                    "credit_limit",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=18,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="credit limit",
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
                    "discount_percent",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="discount, %",
                    ),
                ),
                (
                    "foreign_name",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=200, verbose_name="name in another language"
                    ),
                ),
                ("frozen_from", models.DateField(blank=True, null=True, verbose_name="frozen from")),
                (
                    "frozen_remark",
                    models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="why frozen"),
                ),
                ("frozen_until", models.DateField(blank=True, null=True, verbose_name="frozen until")),
                (
                    "interest_percent",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="interest on arrears, % a year",
                    ),
                ),
                ("is_frozen", models.BooleanField(db_default=False, default=False, verbose_name="frozen")),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        choices=[("ru", "Russian"), ("en", "English")],
                        db_default="",
                        default="",
                        max_length=2,
                        verbose_name="language of documents",
                    ),
                ),
                (
                    "price_list",
                    models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="price list"),
                ),
                (
                    "project",
                    models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="project"),
                ),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=voronka.partners.models.Searchable(
                            models.F("name"),
                            models.F("full_name"),
                            models.F("alias"),
                            models.F("foreign_name"),
                            models.F("code"),
                            models.F("tax_id"),
                            models.F("phone"),
                            models.F("phone2"),
                            models.F("email"),
                        ),
                        output_field=models.TextField(),
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
                    "connected",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.partner",
                        verbose_name="connected vendor or customer",
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
                    "merged_into",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.partner",
                        verbose_name="merged into",
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
                        to="partners.partner",
                    ),
                ),
                (
                    "technician",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="technician",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.partnergroup",
                        verbose_name="group",
                    ),
                ),
                (
                    "payment_terms",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.paymentterms",
                        verbose_name="payment terms",
                    ),
                ),
                (
                    "priority",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.priority",
                        verbose_name="priority",
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="partner",
            name="territory",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="partners.territory",
                verbose_name="territory",
            ),
        ),
        migrations.AddField(
            model_name="assignmentrule",
            name="territory",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.territory",
                verbose_name="territory",
            ),
        ),
        migrations.CreateModel(
            name="DuplicatePair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("score", models.DecimalField(decimal_places=2, max_digits=4)),
                ("reasons", models.JSONField(default=list)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "To decide"), ("dismissed", "Different partners"), ("merged", "Merged")],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="partners.partner",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="partners.partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "pair of duplicates",
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "open")), fields=["-score", "id"], name="duplicatepair_queue"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="duplicatepair_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="duplicatepair_ordered"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("phone", ""), _negated=True), fields=["phone"], name="contact_by_phone"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("email", ""), _negated=True), fields=["email"], name="contact_by_email"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("search"), "gin_trgm_ops"), name="contact_search"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("mobile", ""), _negated=True), fields=["mobile"], name="contact_by_mobile"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("custom"), "jsonb_path_ops"),
                condition=models.Q(("custom", {}), _negated=True),
                name="contact_custom",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("email", ""), _negated=True),
                name="contact_by_small_email",
            ),
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(
                voronka.partners.models.TwinPlace(models.F("city"), models.F("street")),
                condition=models.Q(("street", ""), _negated=True),
                name="address_by_twin_place",
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)), fields=["name_key", "id"], name="partner_by_name"
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)), fields=["created_at", "id"], name="partner_by_created"
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)), fields=["updated_at", "id"], name="partner_by_updated"
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["owner", "name_key", "id"],
                name="partner_by_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("tax_id", ""), _negated=True), fields=["tax_id"], name="partner_by_tax_id"
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("email", ""), _negated=True), fields=["email"], name="partner_by_email"
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("phone", ""), _negated=True), fields=["phone"], name="partner_by_phone"
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=["external_id"],
                name="partner_by_external_id",
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("phone2", ""), _negated=True), fields=["phone2"], name="partner_by_phone2"
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("channel__isnull", False)), fields=["channel"], name="partner_by_channel"
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("connected__isnull", False)), fields=["connected"], name="partner_by_connected"
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["merged_into"],
                name="partner_by_merged_into",
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("search"), "gin_trgm_ops"), name="partner_search"
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(models.F("custom"), "jsonb_path_ops"),
                condition=models.Q(("custom", {}), _negated=True),
                name="partner_custom",
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    voronka.partners.models.TwinName(models.F("name_key")), "gin_trgm_ops"
                ),
                condition=models.Q(("deleted_at__isnull", True)),
                name="partner_by_twin_name",
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                voronka.partners.models.TwinSite(models.F("website")),
                condition=models.Q(("website", ""), _negated=True),
                name="partner_by_twin_site",
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("answered_at__isnull", True), ("kind", "lead")),
                fields=["created_at", "id"],
                name="partner_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("email", ""), _negated=True),
                name="partner_by_small_email",
            ),
        ),
        migrations.AddIndex(
            model_name="partner",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), _negated=True), fields=["id"], name="partner_in_bin"
            ),
        ),
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.UniqueConstraint(fields=("code",), name="partner_unique_code"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="43274f8cb425839789f6f3a0ae5e5a4d2a697c0e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2e75d",
                    table="partners_contactevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partners_contactevent" ("birth_date", "created_at", "created_by_id", "custom", "deleted_at", "deleted_by_id", "email", "first_name", "gender", "id", "is_active", "is_default", "language", "last_name", "middle_name", "mobile", "name", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "position", "remarks", "title", "updated_at", "version") SELECT old_values."birth_date", old_values."created_at", old_values."created_by_id", old_values."custom", old_values."deleted_at", old_values."deleted_by_id", old_values."email", old_values."first_name", old_values."gender", old_values."id", old_values."is_active", old_values."is_default", old_values."language", old_values."last_name", old_values."middle_name", old_values."mobile", old_values."name", old_values."partner_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."phone", old_values."position", old_values."remarks", old_values."title", old_values."updated_at", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="550ebc7b0d33edd98521e55f5474bc323082311c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_8aa2f",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="partners_contact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partners_contactevent" ("birth_date", "created_at", "created_by_id", "custom", "deleted_at", "deleted_by_id", "email", "first_name", "gender", "id", "is_active", "is_default", "language", "last_name", "middle_name", "mobile", "name", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "position", "remarks", "title", "updated_at", "version") SELECT old_values."birth_date", old_values."created_at", old_values."created_by_id", old_values."custom", old_values."deleted_at", old_values."deleted_by_id", old_values."email", old_values."first_name", old_values."gender", old_values."id", old_values."is_active", old_values."is_default", old_values."language", old_values."last_name", old_values."middle_name", old_values."mobile", old_values."name", old_values."partner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."position", old_values."remarks", old_values."title", old_values."updated_at", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="bd62ae6cbeda2f2ba129ad2d5b513342ed800f21",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_c013c",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="partners_contact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bankaccountevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="769bec49076ac55838ad4de04394285af24bb443",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_22595",
                    table="partners_bankaccountevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bankaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partners_bankaccountevent" ("account", "account_name", "bank_name", "bic", "branch", "correspondent_account", "created_at", "created_by_id", "currency", "deleted_at", "deleted_by_id", "iban", "id", "is_default", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "swift", "updated_at", "version") SELECT old_values."account", old_values."account_name", old_values."bank_name", old_values."bic", old_values."branch", old_values."correspondent_account", old_values."created_at", old_values."created_by_id", old_values."currency", old_values."deleted_at", old_values."deleted_by_id", old_values."iban", old_values."id", old_values."is_default", old_values."partner_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."swift", old_values."updated_at", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="7b4e573e8c946cb8bc445db44cb23bf5eeeb80db",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_18512",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="partners_bankaccount",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bankaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partners_bankaccountevent" ("account", "account_name", "bank_name", "bic", "branch", "correspondent_account", "created_at", "created_by_id", "currency", "deleted_at", "deleted_by_id", "iban", "id", "is_default", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "swift", "updated_at", "version") SELECT old_values."account", old_values."account_name", old_values."bank_name", old_values."bic", old_values."branch", old_values."correspondent_account", old_values."created_at", old_values."created_by_id", old_values."currency", old_values."deleted_at", old_values."deleted_by_id", old_values."iban", old_values."id", old_values."is_default", old_values."partner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."swift", old_values."updated_at", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="67816033efe4ca143b9c0e316cd8f81650c2eafc",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_23cb8",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="partners_bankaccount",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="addressevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="dd8adcbbde87bd819b76023a12a0827a5c85e872",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_8f8eb",
                    table="partners_addressevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="address",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partners_addressevent" ("building", "city", "country", "county", "created_at", "created_by_id", "deleted_at", "deleted_by_id", "id", "is_active", "is_default", "kind", "name", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postcode", "region", "street", "updated_at", "version") SELECT old_values."building", old_values."city", old_values."country", old_values."county", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deleted_by_id", old_values."id", old_values."is_active", old_values."is_default", old_values."kind", old_values."name", old_values."partner_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."postcode", old_values."region", old_values."street", old_values."updated_at", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="e5229b5ee57901dccc13b68184ac04959f8cf4ce",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c8a83",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="partners_address",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="address",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partners_addressevent" ("building", "city", "country", "county", "created_at", "created_by_id", "deleted_at", "deleted_by_id", "id", "is_active", "is_default", "kind", "name", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postcode", "region", "street", "updated_at", "version") SELECT old_values."building", old_values."city", old_values."country", old_values."county", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deleted_by_id", old_values."id", old_values."is_active", old_values."is_default", old_values."kind", old_values."name", old_values."partner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."postcode", old_values."region", old_values."street", old_values."updated_at", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="609bbbb195b0bd0e288d3cf425247e35200baff3",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_5f9ac",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="partners_address",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partnerevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a13e8879ffafbd590ff94ddd2a82e6a6ef165dbd",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_20581",
                    table="partners_partnerevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partner",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partners_partnerevent" ("alias", "annual_revenue", "became_customer_at", "channel_id", "code", "commitment_limit", "connected_id", "country", "created_at", "created_by_id", "credit_limit", "custom", "deleted_at", "deleted_by_id", "discount_percent", "email", "employees", "external_id", "foreign_name", "frozen_from", "frozen_remark", "frozen_until", "full_name", "group_id", "id", "industry_id", "interest_percent", "is_channel", "is_frozen", "kind", "kpp", "language", "legal_status", "merged_into_id", "name", "ogrn", "owner_id", "payment_terms_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "phone2", "price_list", "priority_id", "project", "remarks", "source_id", "tax_id", "technician_id", "territory_id", "updated_at", "version", "website") SELECT old_values."alias", old_values."annual_revenue", old_values."became_customer_at", old_values."channel_id", old_values."code", old_values."commitment_limit", old_values."connected_id", old_values."country", old_values."created_at", old_values."created_by_id", old_values."credit_limit", old_values."custom", old_values."deleted_at", old_values."deleted_by_id", old_values."discount_percent", old_values."email", old_values."employees", old_values."external_id", old_values."foreign_name", old_values."frozen_from", old_values."frozen_remark", old_values."frozen_until", old_values."full_name", old_values."group_id", old_values."id", old_values."industry_id", old_values."interest_percent", old_values."is_channel", old_values."is_frozen", old_values."kind", old_values."kpp", old_values."language", old_values."legal_status", old_values."merged_into_id", old_values."name", old_values."ogrn", old_values."owner_id", old_values."payment_terms_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."phone2", old_values."price_list", old_values."priority_id", old_values."project", old_values."remarks", old_values."source_id", old_values."tax_id", old_values."technician_id", old_values."territory_id", old_values."updated_at", old_values."version", old_values."website" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="3cb447147b9099d0063964e5e98d689916613a27",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e7dd8",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="partners_partner",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partner",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partners_partnerevent" ("alias", "annual_revenue", "became_customer_at", "channel_id", "code", "commitment_limit", "connected_id", "country", "created_at", "created_by_id", "credit_limit", "custom", "deleted_at", "deleted_by_id", "discount_percent", "email", "employees", "external_id", "foreign_name", "frozen_from", "frozen_remark", "frozen_until", "full_name", "group_id", "id", "industry_id", "interest_percent", "is_channel", "is_frozen", "kind", "kpp", "language", "legal_status", "merged_into_id", "name", "ogrn", "owner_id", "payment_terms_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "phone2", "price_list", "priority_id", "project", "remarks", "source_id", "tax_id", "technician_id", "territory_id", "updated_at", "version", "website") SELECT old_values."alias", old_values."annual_revenue", old_values."became_customer_at", old_values."channel_id", old_values."code", old_values."commitment_limit", old_values."connected_id", old_values."country", old_values."created_at", old_values."created_by_id", old_values."credit_limit", old_values."custom", old_values."deleted_at", old_values."deleted_by_id", old_values."discount_percent", old_values."email", old_values."employees", old_values."external_id", old_values."foreign_name", old_values."frozen_from", old_values."frozen_remark", old_values."frozen_until", old_values."full_name", old_values."group_id", old_values."id", old_values."industry_id", old_values."interest_percent", old_values."is_channel", old_values."is_frozen", old_values."kind", old_values."kpp", old_values."language", old_values."legal_status", old_values."merged_into_id", old_values."name", old_values."ogrn", old_values."owner_id", old_values."payment_terms_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."phone", old_values."phone2", old_values."price_list", old_values."priority_id", old_values."project", old_values."remarks", old_values."source_id", old_values."tax_id", old_values."technician_id", old_values."territory_id", old_values."updated_at", old_values."version", old_values."website" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."alias" IS DISTINCT FROM (new_values."alias") OR old_values."annual_revenue" IS DISTINCT FROM (new_values."annual_revenue") OR old_values."became_customer_at" IS DISTINCT FROM (new_values."became_customer_at") OR old_values."channel_id" IS DISTINCT FROM (new_values."channel_id") OR old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."commitment_limit" IS DISTINCT FROM (new_values."commitment_limit") OR old_values."connected_id" IS DISTINCT FROM (new_values."connected_id") OR old_values."country" IS DISTINCT FROM (new_values."country") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."credit_limit" IS DISTINCT FROM (new_values."credit_limit") OR old_values."custom" IS DISTINCT FROM (new_values."custom") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deleted_by_id" IS DISTINCT FROM (new_values."deleted_by_id") OR old_values."discount_percent" IS DISTINCT FROM (new_values."discount_percent") OR old_values."email" IS DISTINCT FROM (new_values."email") OR old_values."employees" IS DISTINCT FROM (new_values."employees") OR old_values."external_id" IS DISTINCT FROM (new_values."external_id") OR old_values."foreign_name" IS DISTINCT FROM (new_values."foreign_name") OR old_values."frozen_from" IS DISTINCT FROM (new_values."frozen_from") OR old_values."frozen_remark" IS DISTINCT FROM (new_values."frozen_remark") OR old_values."frozen_until" IS DISTINCT FROM (new_values."frozen_until") OR old_values."full_name" IS DISTINCT FROM (new_values."full_name") OR old_values."group_id" IS DISTINCT FROM (new_values."group_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."industry_id" IS DISTINCT FROM (new_values."industry_id") OR old_values."interest_percent" IS DISTINCT FROM (new_values."interest_percent") OR old_values."is_channel" IS DISTINCT FROM (new_values."is_channel") OR old_values."is_frozen" IS DISTINCT FROM (new_values."is_frozen") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."kpp" IS DISTINCT FROM (new_values."kpp") OR old_values."language" IS DISTINCT FROM (new_values."language") OR old_values."legal_status" IS DISTINCT FROM (new_values."legal_status") OR old_values."merged_into_id" IS DISTINCT FROM (new_values."merged_into_id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."name_key" IS DISTINCT FROM (new_values."name_key") OR old_values."ogrn" IS DISTINCT FROM (new_values."ogrn") OR old_values."owner_id" IS DISTINCT FROM (new_values."owner_id") OR old_values."payment_terms_id" IS DISTINCT FROM (new_values."payment_terms_id") OR old_values."phone" IS DISTINCT FROM (new_values."phone") OR old_values."phone2" IS DISTINCT FROM (new_values."phone2") OR old_values."price_list" IS DISTINCT FROM (new_values."price_list") OR old_values."priority_id" IS DISTINCT FROM (new_values."priority_id") OR old_values."project" IS DISTINCT FROM (new_values."project") OR old_values."remarks" IS DISTINCT FROM (new_values."remarks") OR old_values."search" IS DISTINCT FROM (new_values."search") OR old_values."source_id" IS DISTINCT FROM (new_values."source_id") OR old_values."tax_id" IS DISTINCT FROM (new_values."tax_id") OR old_values."technician_id" IS DISTINCT FROM (new_values."technician_id") OR old_values."territory_id" IS DISTINCT FROM (new_values."territory_id") OR old_values."updated_at" IS DISTINCT FROM (new_values."updated_at") OR old_values."version" IS DISTINCT FROM (new_values."version") OR old_values."website" IS DISTINCT FROM (new_values."website")) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="61b29ce7dfd4f1839868d3fb77eded135d52e5fd",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_17ece",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="partners_partner",
                    when="AFTER",
                ),
            ),
        ),
    ]
