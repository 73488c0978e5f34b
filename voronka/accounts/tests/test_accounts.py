"""Roles, users, tokens, the first run."""

import pytest
from django.urls import reverse

from voronka.accounts import actions
from voronka.accounts.models import ApiToken, Role, User
from voronka.accounts.rules import PERMISSIONS, ROLES, SCOPED
from voronka.accounts.tests import make
from voronka.core.access import Scope
from voronka.core.errors import RuleBroken
from voronka.core.models import Company

SET_UP = {
    "company": "Ромашка", "language": "ru", "currency": "RUB", "time_zone": "Europe/Moscow", "name": "Анна", "email": "Anna@Example.com",
    "password": "correct horse battery",
}  # fmt: skip


def test_roles_as_shipped_name_known_scopes_and_permissions():
    for scopes, permissions in ROLES.values():
        assert set(scopes) == set(SCOPED)
        assert set(permissions) <= set(PERMISSIONS)
        assert {scope for verbs in scopes.values() for scope in verbs.values()} <= set(Scope)


def test_the_first_run_makes_a_company_roles_and_one_administrator(db):
    user = actions.set_up_company(**SET_UP)
    assert (user.email, user.role.name, Company.current().name) == ("anna@example.com", "Администратор", "Ромашка")
    assert Role.objects.count() == len(ROLES)
    with pytest.raises(RuleBroken, match="set up already"):
        actions.set_up_company(**SET_UP | {"email": "second@example.com"})


def test_a_second_account_with_one_email_is_refused(world):
    with pytest.raises(RuleBroken) as refused:
        actions.add_user(name="Twin", email="ALICE@example.com", password="x" * 12, role=world.alice.role, by=world.eve)
    assert refused.value.field == "email"


def test_the_last_administrator_stays(world):
    world.eve.is_active = False
    with pytest.raises(RuleBroken, match="manage users"):
        actions.save_user(world.eve, by=world.eve)


def test_the_last_role_that_manages_users_keeps_the_permission(world):
    role = world.eve.role
    role.permissions = []
    with pytest.raises(RuleBroken, match="manage users"):
        actions.save_role(role, by=world.eve)


def test_a_key_opens_for_its_holder_until_revoked(world):
    token, key = actions.issue_token(world.alice, "exchange")
    assert actions.user_of_token(key) == world.alice
    assert not ApiToken.objects.filter(digest__contains=key).exists()
    actions.revoke_token(token)
    assert actions.user_of_token(key) is None


def test_a_key_of_somebody_who_left_opens_nothing(world):
    _token, key = actions.issue_token(world.alice, "exchange")
    User.objects.filter(pk=world.alice.pk).update(is_active=False)
    assert actions.user_of_token(key) is None


def test_a_team_never_stands_below_itself(world):
    below = make.team("Below", parent=world.ours)
    world.ours.parent = below
    with pytest.raises(RuleBroken, match="below itself"):
        actions.save_team(world.ours, by=world.eve)


@pytest.mark.parametrize("page", ["account_login", "account_reauthenticate"])
def test_without_letters_an_administrator_gives_a_new_password(world, client, sign_in, settings, page):
    settings.EMAIL_HOST = ""
    visitor = client if page == "account_login" else sign_in(world.alice)
    shown = visitor.get(reverse(page)).content.decode()
    assert "An administrator gives you a new one." in shown
    assert reverse("account_reset_password") not in shown
    settings.EMAIL_HOST = "mail.example"
    assert reverse("account_reset_password") in visitor.get(reverse(page)).content.decode()
