"""Models and migrations agree; migrations stand in one line."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader


def test_no_migration_is_missing(db):
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_migrations_of_an_app_have_one_end():
    loader = MigrationLoader(None)
    ours = {app for app, _name in loader.disk_migrations}
    assert [app for app in ours if len(loader.graph.leaf_nodes(app)) > 1] == []


def test_the_database_has_no_gaps_between_states(world):
    """A migration of ours never leaves an opportunity without a current state."""
    without = type(world.opportunity).objects.exclude(states__until__isnull=True)
    assert not without.exists()


@pytest.mark.parametrize("extension", ["pg_trgm", "btree_gist"])
def test_extensions_come_with_the_migrations(db, extension):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = %s", [extension])
        assert cursor.fetchone() == (1,)
