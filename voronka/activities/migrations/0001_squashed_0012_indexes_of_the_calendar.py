"""All tables of the app at once, for an empty database; older ones go the long way of the steps this replaces."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import voronka.activities.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("activities", "0001_initial"),
        ("activities", "0002_initial"),
        ("activities", "0003_initial"),
        ("activities", "0004_statement_history"),
        ("activities", "0005_calls_meetings_tasks"),
        ("activities", "0006_attachments"),
        ("activities", "0007_open_by_moment"),
        ("activities", "0008_repeating_work_and_the_calendar"),
        ("activities", "0009_first_answers"),
        ("activities", "0010_sequences"),
        ("activities", "0011_letters_and_mailboxes"),
        ("activities", "0012_indexes_of_the_calendar"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("opportunities", "0006_deals_in_full"),
        ("partners", "0008_small_emails"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="Activity",
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
                            ("call", "Call"),
                            ("meeting", "Meeting"),
                            ("task", "Task"),
                            ("note", "Note"),
                            ("email", "E-mail"),
                            ("campaign", "Campaign"),
                            ("other", "Other"),
                        ],
                        default="note",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("happened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                ("all_day", models.BooleanField(default=False, verbose_name="all day")),
                ("closed_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="closed")),
                (
                    "direction",
                    models.CharField(
                        blank=True,
                        choices=[("in", "Incoming"), ("out", "Outgoing")],
                        max_length=3,
                        verbose_name="direction",
                    ),
                ),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="due on")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends")),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="starts")),
                ("external_id", models.CharField(blank=True, max_length=100, verbose_name="number in another system")),
                ("is_private", models.BooleanField(default=False, verbose_name="private")),
                ("is_tentative", models.BooleanField(default=False, verbose_name="tentative")),
                ("location", models.CharField(blank=True, max_length=300, verbose_name="place")),
                (
                    "original_start",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="start in the series"),
                ),
                ("phone", models.CharField(blank=True, max_length=32, verbose_name="phone")),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Low"), (1, "Normal"), (2, "High")], default=1, verbose_name="priority"
                    ),
                ),
                ("remind_at", models.DateTimeField(editable=False, null=True, verbose_name="reminder")),
                (
                    "remind_before",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="remind before, minutes"),
                ),
                ("result", models.TextField(blank=True, verbose_name="what came of it")),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Planned"), ("done", "Done"), ("cancelled", "Cancelled")],
                        default="done",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=200, verbose_name="title")),
                (
                    "duration",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("ends_at"), "-", models.F("starts_at")
                        ),
                        output_field=models.DurationField(verbose_name="duration"),
                    ),
                ),
                (
                    "words",
                    models.GeneratedField(
                        db_persist=True,
                        expression=voronka.activities.models.Words(
                            models.F("title"), models.F("text"), models.F("result")
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                ("invited_version", models.PositiveIntegerField(db_default=0, default=0, editable=False)),
                (
                    "invites",
                    models.BooleanField(db_default=False, default=False, verbose_name="send invitations by e-mail"),
                ),
                (
                    "assigned_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned by",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="activities",
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
                    "follow_up_of",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="follow_ups",
                        to="activities.activity",
                        verbose_name="follows",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="activities",
                        to="opportunities.opportunity",
                        verbose_name="opportunity",
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
                    "participants",
                    models.ManyToManyField(
                        blank=True, related_name="invited_to", to=settings.AUTH_USER_MODEL, verbose_name="participants"
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="activities",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "activity",
                "verbose_name_plural": "activities",
            },
        ),
        migrations.CreateModel(
            name="ActivitySubject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "activity subject",
                "verbose_name_plural": "activity subjects",
                "ordering": ["type", "position", "name"],
            },
        ),
        migrations.CreateModel(
            name="ActivityType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "activity type",
                "verbose_name_plural": "activity types",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Holiday",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True, verbose_name="day")),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                ("works", models.BooleanField(default=False, verbose_name="a working day")),
            ],
            options={
                "verbose_name": "holiday",
                "verbose_name_plural": "holidays",
                "ordering": ["day"],
            },
        ),
        migrations.CreateModel(
            name="LeftBytes",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name="LetterTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("title", models.CharField(blank=True, max_length=200, verbose_name="subject of the letter")),
                ("text", models.TextField(verbose_name="text")),
            ],
            options={
                "verbose_name": "letter template",
                "verbose_name_plural": "letter templates",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("reached", models.BooleanField(default=True, verbose_name="somebody was reached")),
            ],
            options={
                "verbose_name": "outcome",
                "verbose_name_plural": "outcomes",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Sequence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="order in lists")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "sequence of actions",
                "verbose_name_plural": "sequences of actions",
                "ordering": ["position", "name"],
            },
        ),
        migrations.CreateModel(
            name="Absence",
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
                            ("vacation", "Vacation"),
                            ("sick", "Sick leave"),
                            ("trip", "Business trip"),
                            ("training", "Training"),
                            ("other", "Other"),
                        ],
                        default="vacation",
                        max_length=8,
                        verbose_name="reason",
                    ),
                ),
                ("first_on", models.DateField(verbose_name="first day")),
                ("last_on", models.DateField(verbose_name="last day")),
                ("remarks", models.CharField(blank=True, max_length=300, verbose_name="remarks")),
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
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "absence",
                "verbose_name_plural": "absences",
                "ordering": ["-first_on", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["owner", "last_on"],
                        name="absence_by_owner",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_on__gte", models.F("first_on"))), name="absence_forward_in_time"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AbsenceEvent",
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
                            ("vacation", "Vacation"),
                            ("sick", "Sick leave"),
                            ("trip", "Business trip"),
                            ("training", "Training"),
                            ("other", "Other"),
                        ],
                        default="vacation",
                        max_length=8,
                        verbose_name="reason",
                    ),
                ),
                ("first_on", models.DateField(verbose_name="first day")),
                ("last_on", models.DateField(verbose_name="last day")),
                ("remarks", models.CharField(blank=True, max_length=300, verbose_name="remarks")),
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
                        to="activities.absence",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "activity",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="letter",
                        serialize=False,
                        to="activities.activity",
                    ),
                ),
                ("key", models.CharField(max_length=250, unique=True)),
                ("thread", models.CharField(db_index=True, max_length=250)),
                (
                    "answers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=250), blank=True, default=list, size=None
                    ),
                ),
                ("sender", models.CharField(blank=True, max_length=254, verbose_name="from")),
                ("sender_name", models.CharField(blank=True, max_length=200, verbose_name="name of the sender")),
                (
                    "to",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=254), default=list, size=None, verbose_name="to"
                    ),
                ),
                (
                    "cc",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=254),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="copy",
                    ),
                ),
                ("dated", models.DateTimeField(null=True, verbose_name="date of the letter")),
                ("html", models.TextField(blank=True)),
                ("enclosed", models.PositiveSmallIntegerField(default=0, verbose_name="files")),
                (
                    "left_out",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=400), blank=True, default=list, size=None
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("waiting", "Waiting to be sent"),
                            ("sent", "Sent"),
                            ("failed", "Not sent"),
                        ],
                        default="received",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("send_after", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=500)),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent")),
            ],
            options={
                "verbose_name": "letter",
                "verbose_name_plural": "letters",
                "indexes": [
                    models.Index(condition=models.Q(("state", "waiting")), fields=["send_after"], name="letter_to_send")
                ],
            },
        ),
        migrations.AddField(
            model_name="activity",
            name="subject",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="activities.activitysubject",
                verbose_name="activity subject",
            ),
        ),
        migrations.AddField(
            model_name="activitysubject",
            name="type",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="subjects",
                to="activities.activitytype",
                verbose_name="activity type",
            ),
        ),
        migrations.AddField(
            model_name="activity",
            name="type",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="activities.activitytype",
                verbose_name="activity type",
            ),
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted")),
                ("file", models.FileField(editable=False, upload_to="", verbose_name="file")),
                ("name", models.CharField(max_length=200, verbose_name="file name")),
                ("size", models.BigIntegerField(editable=False, verbose_name="size")),
                ("media_type", models.CharField(editable=False, max_length=100, verbose_name="kind of file")),
                ("sha256", models.CharField(editable=False, max_length=64)),
                ("remarks", models.CharField(blank=True, max_length=500, verbose_name="remarks")),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="activities.activity",
                        verbose_name="activity",
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
                    "opportunity",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="opportunities.opportunity",
                        verbose_name="opportunity",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "file",
                "verbose_name_plural": "files",
                "indexes": [
                    models.Index(
                        condition=models.Q(("opportunity__isnull", False)),
                        fields=["opportunity", "-id"],
                        name="attachment_by_opportunity",
                    ),
                    models.Index(
                        condition=models.Q(("activity__isnull", False)),
                        fields=["activity", "-id"],
                        name="attachment_by_activity",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("opportunity__isnull", True), ("activity__isnull", True), _connector="OR"),
                        name="attachment_of_one_thing",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AttachmentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted")),
                ("file", models.FileField(editable=False, upload_to="", verbose_name="file")),
                ("name", models.CharField(max_length=200, verbose_name="file name")),
                ("size", models.BigIntegerField(editable=False, verbose_name="size")),
                ("media_type", models.CharField(editable=False, max_length=100, verbose_name="kind of file")),
                ("sha256", models.CharField(editable=False, max_length=64)),
                ("remarks", models.CharField(blank=True, max_length=500, verbose_name="remarks")),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="activities.activity",
                        verbose_name="activity",
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
                    "opportunity",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.opportunity",
                        verbose_name="opportunity",
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
                        to="activities.attachment",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="created")),
                ("read_at", models.DateTimeField(null=True, verbose_name="last read")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "calendar address",
                "verbose_name_plural": "calendar addresses",
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                ("name", models.CharField(blank=True, max_length=150, verbose_name="name")),
                ("language", models.CharField(blank=True, max_length=2)),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="sent")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="activities.activity",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "constraints": [models.UniqueConstraint(fields=("activity", "email"), name="invitation_once")],
            },
        ),
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.EmailField(max_length=254, verbose_name="my address")),
                ("host", models.CharField(max_length=253, verbose_name="IMAP server")),
                (
                    "port",
                    models.PositiveIntegerField(
                        default=993,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(65535),
                        ],
                        verbose_name="port",
                    ),
                ),
                (
                    "security",
                    models.CharField(
                        choices=[
                            ("ssl", "TLS from the start (usual)"),
                            ("starttls", "STARTTLS"),
                            ("none", "none: only inside one's own network"),
                        ],
                        default="ssl",
                        max_length=8,
                        verbose_name="encryption",
                    ),
                ),
                ("login", models.CharField(max_length=254, verbose_name="login")),
                ("sealed", models.TextField(editable=False)),
                ("sent_folder", models.CharField(blank=True, max_length=200, verbose_name="folder of sent letters")),
                ("since", models.DateField(verbose_name="bring letters since")),
                (
                    "is_private",
                    models.BooleanField(default=False, verbose_name="show my letters to those who took part only"),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="bring letters")),
                ("smtp_host", models.CharField(blank=True, max_length=253, verbose_name="SMTP server")),
                (
                    "smtp_port",
                    models.PositiveIntegerField(
                        default=465,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(65535),
                        ],
                        verbose_name="SMTP port",
                    ),
                ),
                (
                    "smtp_security",
                    models.CharField(
                        choices=[
                            ("ssl", "TLS from the start (usual)"),
                            ("starttls", "STARTTLS"),
                            ("none", "none: only inside one's own network"),
                        ],
                        default="ssl",
                        max_length=8,
                        verbose_name="SMTP encryption",
                    ),
                ),
                ("look_after", models.DateTimeField(default=django.utils.timezone.now)),
                ("looked_at", models.DateTimeField(null=True, verbose_name="last looked into without trouble")),
                ("last_letter_at", models.DateTimeField(null=True, verbose_name="last letter")),
                ("trouble", models.CharField(blank=True, max_length=20)),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("broken_since", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mailbox", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "mailbox",
                "verbose_name_plural": "mailboxes",
                "indexes": [
                    models.Index(condition=models.Q(("is_active", True)), fields=["look_after"], name="mailbox_to_look")
                ],
            },
        ),
        migrations.CreateModel(
            name="MailFolder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("numbering", models.BigIntegerField(default=0)),
                ("last_number", models.BigIntegerField(default=0)),
                (
                    "mailbox",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="folders", to="activities.mailbox"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("mailbox", "name"), name="mailfolder_once")],
            },
        ),
        migrations.AddField(
            model_name="activity",
            name="outcome",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="activities.outcome",
                verbose_name="outcome",
            ),
        ),
        migrations.CreateModel(
            name="SequenceRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted")),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Under way"), ("done", "Done"), ("stopped", "Stopped")],
                        default="open",
                        max_length=7,
                        verbose_name="status",
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sequences",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "sequence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="activities.sequence",
                        verbose_name="sequence of actions",
                    ),
                ),
            ],
            options={
                "verbose_name": "sequence at work",
                "verbose_name_plural": "sequences at work",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True), ("status", "open")),
                        fields=["-id"],
                        name="sequencerun_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("sequence", "partner"),
                        name="sequencerun_one_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RunStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due", models.DateTimeField(verbose_name="day in the plan")),
                (
                    "activity",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="run_step", to="activities.activity"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="activities.sequencerun"
                    ),
                ),
            ],
            options={
                "ordering": ["due", "id"],
            },
        ),
        migrations.CreateModel(
            name="SequenceStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "after_days",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[django.core.validators.MaxValueValidator(365)],
                        verbose_name="days after the start",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("call", "Call"), ("email", "E-mail"), ("meeting", "Meeting"), ("task", "Task")],
                        default="call",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "sequence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="activities.sequence"
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a sequence",
                "ordering": ["after_days", "id"],
            },
        ),
        migrations.CreateModel(
            name="Series",
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
                            ("call", "Call"),
                            ("meeting", "Meeting"),
                            ("task", "Task"),
                            ("note", "Note"),
                            ("email", "E-mail"),
                            ("campaign", "Campaign"),
                            ("other", "Other"),
                        ],
                        default="meeting",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=200, verbose_name="title")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("location", models.CharField(blank=True, max_length=300, verbose_name="place")),
                ("phone", models.CharField(blank=True, max_length=32, verbose_name="phone")),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Low"), (1, "Normal"), (2, "High")], default=1, verbose_name="priority"
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        blank=True,
                        choices=[("in", "Incoming"), ("out", "Outgoing")],
                        max_length=3,
                        verbose_name="direction",
                    ),
                ),
                ("is_private", models.BooleanField(default=False, verbose_name="private")),
                ("is_tentative", models.BooleanField(default=False, verbose_name="tentative")),
                ("invites", models.BooleanField(default=False, verbose_name="send invitations by e-mail")),
                (
                    "remind_before",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="remind before, minutes"),
                ),
                ("rule", models.CharField(max_length=200, verbose_name="repeats")),
                ("zone", models.CharField(max_length=64, verbose_name="time zone")),
                ("starts_on", models.DateField(verbose_name="first day")),
                ("clock", models.TimeField(blank=True, null=True, verbose_name="time")),
                ("length", models.DurationField(verbose_name="takes")),
                ("last_on", models.DateField(blank=True, null=True, verbose_name="last day")),
                (
                    "excluded",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateTimeField(), default=list, editable=False, size=None
                    ),
                ),
                (
                    "assigned_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned by",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
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
                    "opportunity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="series",
                        to="opportunities.opportunity",
                        verbose_name="opportunity",
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
                    "participants",
                    models.ManyToManyField(
                        blank=True, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="participants"
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="series",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="activities.activitysubject",
                        verbose_name="activity subject",
                    ),
                ),
                (
                    "type",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="activities.activitytype",
                        verbose_name="activity type",
                    ),
                ),
            ],
            options={
                "verbose_name": "series",
                "verbose_name_plural": "series",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=["owner", "starts_on"],
                        name="series_by_owner",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("partner__isnull", False), ("is_private", True), _connector="OR"),
                        name="series_partner_or_private",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ActivityEvent",
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
                            ("call", "Call"),
                            ("meeting", "Meeting"),
                            ("task", "Task"),
                            ("note", "Note"),
                            ("email", "E-mail"),
                            ("campaign", "Campaign"),
                            ("other", "Other"),
                        ],
                        default="note",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("happened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends")),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="starts")),
                ("result", models.TextField(blank=True, verbose_name="what came of it")),
                ("title", models.CharField(blank=True, max_length=200, verbose_name="title")),
                ("all_day", models.BooleanField(default=False, verbose_name="all day")),
                ("closed_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="closed")),
                (
                    "direction",
                    models.CharField(
                        blank=True,
                        choices=[("in", "Incoming"), ("out", "Outgoing")],
                        max_length=3,
                        verbose_name="direction",
                    ),
                ),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="due on")),
                ("external_id", models.CharField(blank=True, max_length=100, verbose_name="number in another system")),
                ("is_private", models.BooleanField(default=False, verbose_name="private")),
                ("is_tentative", models.BooleanField(default=False, verbose_name="tentative")),
                ("location", models.CharField(blank=True, max_length=300, verbose_name="place")),
                (
                    "original_start",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="start in the series"),
                ),
                ("phone", models.CharField(blank=True, max_length=32, verbose_name="phone")),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Low"), (1, "Normal"), (2, "High")], default=1, verbose_name="priority"
                    ),
                ),
                ("remind_at", models.DateTimeField(editable=False, null=True, verbose_name="reminder")),
                (
                    "remind_before",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="remind before, minutes"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Planned"), ("done", "Done"), ("cancelled", "Cancelled")],
                        default="done",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                ("invited_version", models.PositiveIntegerField(db_default=0, default=0, editable=False)),
                (
                    "invites",
                    models.BooleanField(db_default=False, default=False, verbose_name="send invitations by e-mail"),
                ),
                (
                    "assigned_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned by",
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
                    "follow_up_of",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="activities.activity",
                        verbose_name="follows",
                    ),
                ),
                (
                    "opportunity",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.opportunity",
                        verbose_name="opportunity",
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
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
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
                        to="activities.activity",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="activities.activitysubject",
                        verbose_name="activity subject",
                    ),
                ),
                (
                    "type",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="activities.activitytype",
                        verbose_name="activity type",
                    ),
                ),
                (
                    "outcome",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="activities.outcome",
                        verbose_name="outcome",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="activities.series",
                        verbose_name="series",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="activity",
            name="series",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="occurrences",
                to="activities.series",
                verbose_name="series",
            ),
        ),
        migrations.CreateModel(
            name="SeriesEvent",
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
                            ("call", "Call"),
                            ("meeting", "Meeting"),
                            ("task", "Task"),
                            ("note", "Note"),
                            ("email", "E-mail"),
                            ("campaign", "Campaign"),
                            ("other", "Other"),
                        ],
                        default="meeting",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=200, verbose_name="title")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("location", models.CharField(blank=True, max_length=300, verbose_name="place")),
                ("phone", models.CharField(blank=True, max_length=32, verbose_name="phone")),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Low"), (1, "Normal"), (2, "High")], default=1, verbose_name="priority"
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        blank=True,
                        choices=[("in", "Incoming"), ("out", "Outgoing")],
                        max_length=3,
                        verbose_name="direction",
                    ),
                ),
                ("is_private", models.BooleanField(default=False, verbose_name="private")),
                ("is_tentative", models.BooleanField(default=False, verbose_name="tentative")),
                ("invites", models.BooleanField(default=False, verbose_name="send invitations by e-mail")),
                (
                    "remind_before",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="remind before, minutes"),
                ),
                ("rule", models.CharField(max_length=200, verbose_name="repeats")),
                ("zone", models.CharField(max_length=64, verbose_name="time zone")),
                ("starts_on", models.DateField(verbose_name="first day")),
                ("clock", models.TimeField(blank=True, null=True, verbose_name="time")),
                ("length", models.DurationField(verbose_name="takes")),
                ("last_on", models.DateField(blank=True, null=True, verbose_name="last day")),
                (
                    "excluded",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateTimeField(), default=list, editable=False, size=None
                    ),
                ),
                (
                    "assigned_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned by",
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
                    "opportunity",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="opportunities.opportunity",
                        verbose_name="opportunity",
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
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
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
                        to="activities.series",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="activities.activitysubject",
                        verbose_name="activity subject",
                    ),
                ),
                (
                    "type",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="activities.activitytype",
                        verbose_name="activity type",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="activitysubject",
            constraint=models.UniqueConstraint(fields=("type", "name"), name="activitysubject_unique_name"),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["partner", "-happened_at"], name="activity_by_partner"),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("opportunity__isnull", False)),
                fields=["opportunity", "-happened_at"],
                name="activity_by_opportunity",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["owner", "-happened_at"], name="activity_by_owner"),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["happened_at", "id"],
                name="activity_by_moment",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=["created_at", "id"],
                name="activity_by_created",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("status", "open")),
                fields=["owner", "happened_at", "id"],
                name="activity_to_do",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("status", "open"), ("opportunity__isnull", False)),
                fields=["opportunity", "happened_at"],
                name="activity_next_of_opportunity",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("status", "open"), ("partner__isnull", False)),
                fields=["partner", "happened_at"],
                name="activity_next_of_partner",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("remind_at__isnull", False)), fields=["remind_at"], name="activity_to_remind"
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("contact__isnull", False)), fields=["contact"], name="activity_by_contact"
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("follow_up_of__isnull", False)),
                fields=["follow_up_of"],
                name="activity_by_follow_up_of",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=["external_id"],
                name="activity_by_external_id",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=django.contrib.postgres.indexes.GinIndex(fields=["words"], name="activity_words"),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("status", "open")),
                fields=["happened_at", "id"],
                name="activity_open",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("starts_at__isnull", False)),
                fields=["owner", "starts_at", "id"],
                name="activity_by_start",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(
                    ("invites", True), models.Q(("version", models.F("invited_version")), _negated=True)
                ),
                fields=["id"],
                name="activity_to_invite",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(
                    ("deleted_at__isnull", True), ("due_on__isnull", False), ("starts_at__isnull", True)
                ),
                fields=["owner", "due_on", "id"],
                name="activity_by_day",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("assigned_by__isnull", False)),
                fields=["assigned_by", "happened_at", "id"],
                name="activity_by_assigned_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(("partner__isnull", False), ("is_private", True), _connector="OR"),
                name="activity_partner_or_private",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_at__isnull", True),
                    models.Q(("ends_at__gte", models.F("starts_at")), ("starts_at__isnull", False)),
                    _connector="OR",
                ),
                name="activity_forward_in_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "open"), _negated=True), ("closed_at__isnull", True), _connector="OR"
                ),
                name="activity_open_is_not_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.UniqueConstraint(
                condition=models.Q(("series__isnull", False)),
                fields=("series", "original_start"),
                name="activity_once_in_series",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="absence",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_absenceevent" ("created_at", "created_by_id", "deleted_at", "deleted_by_id", "first_on", "id", "kind", "last_on", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remarks", "updated_at", "version") SELECT old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deleted_by_id", old_values."first_on", old_values."id", old_values."kind", old_values."last_on", old_values."owner_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."remarks", old_values."updated_at", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="1cf94794183716eeb03a9643f79dd3c9b98db8cf",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_37a92",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="activities_absence",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="absence",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_absenceevent" ("created_at", "created_by_id", "deleted_at", "deleted_by_id", "first_on", "id", "kind", "last_on", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remarks", "updated_at", "version") SELECT old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deleted_by_id", old_values."first_on", old_values."id", old_values."kind", old_values."last_on", old_values."owner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."remarks", old_values."updated_at", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="9e52f13ec5f38bbf1c029d6b88aa201b0603fd3d",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_58336",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="activities_absence",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="absenceevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0017187a826fd2ef97f03cd73518fd07b2926d14",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_9663d",
                    table="activities_absenceevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attachment",
            trigger=pgtrigger.compiler.Trigger(
                name="leave_bytes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO activities_leftbytes (place) SELECT file FROM gone; RETURN NULL;",
                    hash="3eb3ffb184279b12e419dc0e8ba25935ecedfaab",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_leave_bytes_0f6f2",
                    referencing="REFERENCING OLD TABLE AS gone ",
                    table="activities_attachment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attachment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_attachmentevent" ("activity_id", "created_at", "created_by_id", "deleted_at", "deleted_by_id", "file", "id", "media_type", "name", "opportunity_id", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remarks", "sha256", "size", "updated_at", "version") SELECT old_values."activity_id", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deleted_by_id", old_values."file", old_values."id", old_values."media_type", old_values."name", old_values."opportunity_id", old_values."partner_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."remarks", old_values."sha256", old_values."size", old_values."updated_at", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="d57a2f63535d9c8102b894a2c4bc8086bdb7ab48",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b0615",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="activities_attachment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attachment",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_attachmentevent" ("activity_id", "created_at", "created_by_id", "deleted_at", "deleted_by_id", "file", "id", "media_type", "name", "opportunity_id", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remarks", "sha256", "size", "updated_at", "version") SELECT old_values."activity_id", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deleted_by_id", old_values."file", old_values."id", old_values."media_type", old_values."name", old_values."opportunity_id", old_values."partner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."remarks", old_values."sha256", old_values."size", old_values."updated_at", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="08c8233f7ba1fc7ecd96602ad4ade3d58869149a",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_93ce1",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="activities_attachment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attachmentevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="1030df9987de055d95b8b5a6ea3079a2539b7b9f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_48dd2",
                    table="activities_attachmentevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="series",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_seriesevent" ("assigned_by_id", "clock", "contact_id", "created_at", "created_by_id", "deleted_at", "deleted_by_id", "direction", "excluded", "id", "invites", "is_private", "is_tentative", "kind", "last_on", "length", "location", "opportunity_id", "owner_id", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "priority", "remind_before", "rule", "starts_on", "subject_id", "text", "title", "type_id", "updated_at", "version", "zone") SELECT old_values."assigned_by_id", old_values."clock", old_values."contact_id", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deleted_by_id", old_values."direction", old_values."excluded", old_values."id", old_values."invites", old_values."is_private", old_values."is_tentative", old_values."kind", old_values."last_on", old_values."length", old_values."location", old_values."opportunity_id", old_values."owner_id", old_values."partner_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."phone", old_values."priority", old_values."remind_before", old_values."rule", old_values."starts_on", old_values."subject_id", old_values."text", old_values."title", old_values."type_id", old_values."updated_at", old_values."version", old_values."zone" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="71cac13d0623359bd7cd3ad396f5ff4e3974214e",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_10206",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="activities_series",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="series",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_seriesevent" ("assigned_by_id", "clock", "contact_id", "created_at", "created_by_id", "deleted_at", "deleted_by_id", "direction", "excluded", "id", "invites", "is_private", "is_tentative", "kind", "last_on", "length", "location", "opportunity_id", "owner_id", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "priority", "remind_before", "rule", "starts_on", "subject_id", "text", "title", "type_id", "updated_at", "version", "zone") SELECT old_values."assigned_by_id", old_values."clock", old_values."contact_id", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deleted_by_id", old_values."direction", old_values."excluded", old_values."id", old_values."invites", old_values."is_private", old_values."is_tentative", old_values."kind", old_values."last_on", old_values."length", old_values."location", old_values."opportunity_id", old_values."owner_id", old_values."partner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."priority", old_values."remind_before", old_values."rule", old_values."starts_on", old_values."subject_id", old_values."text", old_values."title", old_values."type_id", old_values."updated_at", old_values."version", old_values."zone" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="f7b8d2c79064caa7a7bd248a908710d38ddc5739",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_3a68c",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="activities_series",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activityevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="db1ce8ee7434c8d6ffd204f1fd78016cd3a3a0a3",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_09934",
                    table="activities_activityevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activity",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_activityevent" ("all_day", "assigned_by_id", "closed_at", "contact_id", "created_at", "created_by_id", "deleted_at", "deleted_by_id", "direction", "due_on", "ends_at", "external_id", "follow_up_of_id", "happened_at", "id", "invited_version", "invites", "is_private", "is_tentative", "kind", "location", "opportunity_id", "original_start", "outcome_id", "owner_id", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "priority", "remind_at", "remind_before", "result", "series_id", "starts_at", "status", "subject_id", "text", "title", "type_id", "updated_at", "version") SELECT old_values."all_day", old_values."assigned_by_id", old_values."closed_at", old_values."contact_id", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deleted_by_id", old_values."direction", old_values."due_on", old_values."ends_at", old_values."external_id", old_values."follow_up_of_id", old_values."happened_at", old_values."id", old_values."invited_version", old_values."invites", old_values."is_private", old_values."is_tentative", old_values."kind", old_values."location", old_values."opportunity_id", old_values."original_start", old_values."outcome_id", old_values."owner_id", old_values."partner_id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."phone", old_values."priority", old_values."remind_at", old_values."remind_before", old_values."result", old_values."series_id", old_values."starts_at", old_values."status", old_values."subject_id", old_values."text", old_values."title", old_values."type_id", old_values."updated_at", old_values."version" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."all_day" IS DISTINCT FROM (new_values."all_day") OR old_values."assigned_by_id" IS DISTINCT FROM (new_values."assigned_by_id") OR old_values."closed_at" IS DISTINCT FROM (new_values."closed_at") OR old_values."contact_id" IS DISTINCT FROM (new_values."contact_id") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deleted_by_id" IS DISTINCT FROM (new_values."deleted_by_id") OR old_values."direction" IS DISTINCT FROM (new_values."direction") OR old_values."due_on" IS DISTINCT FROM (new_values."due_on") OR old_values."ends_at" IS DISTINCT FROM (new_values."ends_at") OR old_values."external_id" IS DISTINCT FROM (new_values."external_id") OR old_values."follow_up_of_id" IS DISTINCT FROM (new_values."follow_up_of_id") OR old_values."happened_at" IS DISTINCT FROM (new_values."happened_at") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."invited_version" IS DISTINCT FROM (new_values."invited_version") OR old_values."invites" IS DISTINCT FROM (new_values."invites") OR old_values."is_private" IS DISTINCT FROM (new_values."is_private") OR old_values."is_tentative" IS DISTINCT FROM (new_values."is_tentative") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."location" IS DISTINCT FROM (new_values."location") OR old_values."opportunity_id" IS DISTINCT FROM (new_values."opportunity_id") OR old_values."original_start" IS DISTINCT FROM (new_values."original_start") OR old_values."outcome_id" IS DISTINCT FROM (new_values."outcome_id") OR old_values."owner_id" IS DISTINCT FROM (new_values."owner_id") OR old_values."partner_id" IS DISTINCT FROM (new_values."partner_id") OR old_values."phone" IS DISTINCT FROM (new_values."phone") OR old_values."priority" IS DISTINCT FROM (new_values."priority") OR old_values."remind_at" IS DISTINCT FROM (new_values."remind_at") OR old_values."remind_before" IS DISTINCT FROM (new_values."remind_before") OR old_values."result" IS DISTINCT FROM (new_values."result") OR old_values."series_id" IS DISTINCT FROM (new_values."series_id") OR old_values."starts_at" IS DISTINCT FROM (new_values."starts_at") OR old_values."status" IS DISTINCT FROM (new_values."status") OR old_values."subject_id" IS DISTINCT FROM (new_values."subject_id") OR old_values."text" IS DISTINCT FROM (new_values."text") OR old_values."title" IS DISTINCT FROM (new_values."title") OR old_values."type_id" IS DISTINCT FROM (new_values."type_id") OR old_values."updated_at" IS DISTINCT FROM (new_values."updated_at") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="6d6519bb853ad0061d392eaefdcd34608700b1e1",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_a56a1",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="activities_activity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activity",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_activityevent" ("all_day", "assigned_by_id", "closed_at", "contact_id", "created_at", "created_by_id", "deleted_at", "deleted_by_id", "direction", "due_on", "ends_at", "external_id", "follow_up_of_id", "happened_at", "id", "invited_version", "invites", "is_private", "is_tentative", "kind", "location", "opportunity_id", "original_start", "outcome_id", "owner_id", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "priority", "remind_at", "remind_before", "result", "series_id", "starts_at", "status", "subject_id", "text", "title", "type_id", "updated_at", "version") SELECT old_values."all_day", old_values."assigned_by_id", old_values."closed_at", old_values."contact_id", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deleted_by_id", old_values."direction", old_values."due_on", old_values."ends_at", old_values."external_id", old_values."follow_up_of_id", old_values."happened_at", old_values."id", old_values."invited_version", old_values."invites", old_values."is_private", old_values."is_tentative", old_values."kind", old_values."location", old_values."opportunity_id", old_values."original_start", old_values."outcome_id", old_values."owner_id", old_values."partner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."priority", old_values."remind_at", old_values."remind_before", old_values."result", old_values."series_id", old_values."starts_at", old_values."status", old_values."subject_id", old_values."text", old_values."title", old_values."type_id", old_values."updated_at", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="a9a331239f4c24a09c4c2359bd542cc2bd5bc251",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_cc776",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="activities_activity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="seriesevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a78813cc141ff3c3bb63f1f701989c72c8d9fa53",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a5ca9",
                    table="activities_seriesevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
