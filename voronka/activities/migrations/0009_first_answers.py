"""Partners known before we kept it get the moment of our first word to them."""

from django.db import migrations

FIRST = """
    UPDATE partners_partner p SET answered_at = greatest(p.created_at, first.at)
    FROM (
        SELECT partner_id, min(happened_at) AS at FROM activities_activity
        WHERE status = 'done' AND deleted_at IS NULL AND (kind IN ('call', 'meeting') OR (kind = 'email' AND direction <> 'in'))
        GROUP BY partner_id
    ) first
    WHERE first.partner_id = p.id AND p.answered_at IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [("activities", "0008_repeating_work_and_the_calendar"), ("partners", "0007_assignment_and_first_answers")]

    operations = [migrations.RunSQL(FIRST, migrations.RunSQL.noop)]
