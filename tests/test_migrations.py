"""Models and migrations agree; migrations stand in one line."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
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


def triggers(state):
    return sorted(
        (*key, one.name, one.install_sql)
        for key, model in state.models.items()
        for one in model.options.get("triggers", [])
    )


def test_the_short_way_of_an_empty_database_ends_where_the_long_one_of_an_older_does():
    """Tables, columns, indexes, constraints and triggers; functions are made in SQL, which the states do not know."""
    long, short = (MigrationLoader(None, replace_migrations=replaces) for replaces in (False, True))
    assert MigrationAutodetector(long.project_state(), short.project_state()).changes(graph=short.graph) == {}
    assert triggers(long.project_state()) == triggers(short.project_state())
