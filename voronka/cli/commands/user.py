"""`voronka user add | password | list`: people, from the operator's chair."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voronka.cli.frame import answer, django_ready, say
from voronka.config.language import gettext as _
from voronka.core.errors import RuleBroken

if TYPE_CHECKING:
    from voronka.accounts.models import User

users = typer.Typer(no_args_is_help=True, help="Add people, give them a new password, list them.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def register(app: typer.Typer) -> None:
    app.add_typer(users, name="user")


@users.command("add")
def add(
    email: str,
    name: Annotated[str, typer.Option(help="As colleagues see it; the e-mail by default.")] = "",
    role: Annotated[str, typer.Option(help="administrator, director, head-of-sales, salesperson, ...")] = "salesperson",
    password_stdin: FromInput = False,
    json: Json = False,
) -> None:
    """Add somebody who may sign in."""
    with django_ready():
        from django.utils.translation import get_language

        from voronka.accounts.actions import add_user, create_roles
        from voronka.accounts.models import User

        roles = create_roles(get_language() or "en")
        if role not in roles:
            sentence = _("There is no role %(role)s. Roles: %(roles)s.")
            raise RuleBroken(sentence % {"role": role, "roles": ", ".join(roles)}, "role")
        _check_email(email)
        password = _new_password(User(email=email, name=name), from_input=password_stdin)
        user = add_user(name=name or email, email=email, password=password, role=roles[role], by=None)
        say(_("Added: %(email)s (%(role)s)") % {"email": user.email, "role": user.role.name})
        if json:
            answer({"id": user.pk, "email": user.email, "role": role})


@users.command("password")
def password(email: str, password_stdin: FromInput = False, json: Json = False) -> None:
    """Give somebody a new password."""
    with django_ready():
        from voronka.accounts.actions import set_password
        from voronka.accounts.models import User

        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise RuleBroken(_("Nobody signs in with %(email)s. See: voronka user list") % {"email": email}, "user")
        set_password(user, _new_password(user, from_input=password_stdin), by=None)
        say(_("%(email)s has a new password.") % {"email": user.email})
        if json:
            answer({"id": user.pk, "email": user.email})


@users.command("list")
def everybody(json: Json = False) -> None:
    """Who may sign in, with role and state."""
    with django_ready():
        from voronka.accounts.models import User

        people = list(User.objects.select_related("role", "team").order_by("email"))
        if json:
            rows = [
                {"id": p.pk, "email": p.email, "name": p.name, "role": p.role.slug, "active": p.is_active}
                for p in people
            ]
            answer({"users": rows})
            return
        for person in people:
            state = "" if person.is_active else "  " + _("(inactive)")
            sys.stdout.write(f"{person.email}  {person.name}  {person.role.name}{state}\n")


def _row(person: User) -> dict[str, Any]:
    values = {"id": person.pk, "email": person.email, "name": person.name}
    return {**values, "role": person.role.slug, "active": person.is_active}


def _check_email(email: str) -> None:
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    try:
        validate_email(email)
    except ValidationError as fault:
        raise RuleBroken(f"{email}: {' '.join(fault.messages)}", "email") from fault


def _new_password(user: User, *, from_input: bool) -> str:
    """A password good enough for this person: asked on the terminal, or the first line of standard input."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    if from_input or not sys.stdin.isatty():
        text = sys.stdin.readline().rstrip("\r\n")
    else:
        text = typer.prompt(_("Password"), hide_input=True, confirmation_prompt=True, err=True)
    try:
        validate_password(text, user)
    except ValidationError as fault:
        raise RuleBroken(" ".join(fault.messages), "password", "password") from fault
    return text
