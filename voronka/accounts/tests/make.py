"""People for tests, as plain functions."""

from voronka.accounts.models import Role, Team, User
from voronka.accounts.rules import ROLES


def role(slug):
    scopes, permissions = ROLES[slug]
    found, _created = Role.objects.get_or_create(
        slug=slug, defaults={"name": slug, "scopes": scopes, "permissions": permissions}
    )
    return found


def user(name, role_slug="salesperson", team=None, **fields):
    fields.setdefault("language", "en")
    return User.objects.create_user(
        f"{name.lower()}@example.com", "correct horse", name=name, role=role(role_slug), team=team, **fields
    )


def team(name="Sales", parent=None):
    return Team.objects.create(name=name, parent=parent)
