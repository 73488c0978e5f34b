"""Roles made before work could be handed over get what the shipped ones have."""

from django.db import migrations

ROLES = ("administrator", "director", "head-of-sales")


def grant(apps, schema_editor):
    for role in apps.get_model("accounts", "Role").objects.filter(slug__in=ROLES):
        if "handover.run" not in role.permissions:
            role.permissions.append("handover.run")
            role.save(update_fields=["permissions"])


class Migration(migrations.Migration):

    dependencies = [("handover", "0001_handovers_and_briefs"), ("accounts", "0001_initial")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
