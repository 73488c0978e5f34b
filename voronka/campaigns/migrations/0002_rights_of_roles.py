"""Roles made before there were segments and personal data get what the shipped ones have."""

from django.db import migrations

SEGMENTS = {
    "administrator": ("all", "all"), "director": ("all", "all"), "head-of-sales": ("team", "team"), "salesperson": ("own", "own"),
    "marketer": ("all", "all"), "service-engineer": ("all", "none"), "accountant": ("all", "none"), "observer": ("all", "none"),
}
PERMISSIONS = {
    "administrator": ["core.export_person", "core.erase"],
    "director": ["core.export_person", "core.erase"],
    "marketer": ["core.share_views"],
}


def grant(apps, schema_editor):
    for role in apps.get_model("accounts", "Role").objects.all():
        see, edit = SEGMENTS.get(role.slug, ("none", "none"))
        role.scopes.setdefault("campaigns.segment", {"see": see, "edit": edit})
        role.permissions += [one for one in PERMISSIONS.get(role.slug, []) if one not in role.permissions]
        role.save(update_fields=["scopes", "permissions"])


class Migration(migrations.Migration):

    dependencies = [("campaigns", "0001_segments_and_consents"), ("accounts", "0001_initial")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
