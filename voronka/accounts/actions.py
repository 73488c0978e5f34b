"""What people do with accounts: the first run, users, teams, roles, tokens, one's own profile."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from voronka.accounts import jobs
from voronka.accounts.models import ApiToken, Notice, Role, Team, User
from voronka.accounts.rules import ROLES
from voronka.core import actions as kernel
from voronka.core import mail as letters
from voronka.core.audit import acting
from voronka.core.errors import RuleBroken
from voronka.core.models import Company
from voronka.core.prepared import Prepared, Slot

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from voronka.accounts.querysets import NoticeQuerySet


def create_roles(language: str) -> dict[str, Role]:
    """The roles as shipped, named in the company's language; those that exist stay as they are. Roles by slug."""
    with translation.override(language):
        for slug, (scopes, permissions) in ROLES.items():
            values = {"name": _role_names()[slug], "scopes": scopes, "permissions": permissions}
            Role.objects.get_or_create(slug=slug, defaults=values)
    return {role.slug: role for role in Role.objects.all()}


def _role_names() -> dict[str, str]:
    return {
        "administrator": _("Administrator"),
        "director": _("Director"),
        "head-of-sales": _("Head of sales"),
        "salesperson": _("Salesperson"),
        "marketer": _("Marketer"),
        "service-engineer": _("Service engineer"),
        "accountant": _("Accountant"),
        "observer": pgettext("role", "Observer"),
    }


def is_first_run() -> bool:
    """Nobody can sign in yet."""
    return not User.objects.active().exists()


@transaction.atomic
def set_up_company(
    *, company: str, language: str, currency: str, time_zone: str, name: str, email: str, password: str
) -> User:
    """The first-run page: the company, its roles and the administrator in one transaction.

    Raises RuleBroken when somebody was quicker: a second administrator is never made this way.
    """
    Company.objects.select_for_update().filter(pk=1).first()
    if not is_first_run():
        raise RuleBroken(_("This installation is set up already. Sign in."), code="set_up")
    values = {"name": company, "language": language, "currency": currency, "time_zone": time_zone}
    Company.objects.update_or_create(pk=1, defaults=values)
    role = create_roles(language)["administrator"]
    return User.objects.create_user(email, password, name=name, role=role, language=language, time_zone=time_zone)


@transaction.atomic
def add_user(
    *, name: str, email: str, password: str | None, role: Role, team: Team | None = None, by: User | None, **more: Any
) -> User:
    """A new account. Raises RuleBroken for an e-mail in use. Without a password the person can't sign in until one is set."""
    if User.objects.filter(email__iexact=email).exists():
        raise RuleBroken(_("Somebody already signs in with this e-mail."), code="email_in_use", field="email")
    with acting(by, "add_user"):
        return User.objects.create_user(email, password, name=name, role=role, team=team, **more)


@transaction.atomic
def save_user(user: User, *, by: User) -> User:
    """Change an account. Raises RuleBroken when the last active administrator would go."""
    _keep_an_administrator(user)
    return kernel.save(user, by=by, verb="change_user")


def _keep_an_administrator(user: User) -> None:
    administrators = User.objects.active().filter(role__permissions__contains=["accounts.manage_users"])
    stays = user.is_active and user.has_perm("accounts.manage_users")
    if not stays and not administrators.exclude(pk=user.pk).exists():
        raise RuleBroken(_("Somebody must be able to manage users: this is the last one."), code="last_administrator")


def set_password(user: User, password: str, *, by: User | None) -> User:
    """Give an account a new password; the other sessions of this person end."""
    user.set_password(password)
    with acting(by, "set_password"):
        user.save(update_fields=["password"])
    return user


def save_profile(user: User, *, by: User) -> User:
    """One's own language, time zone, theme, phone."""
    return kernel.save(user, by=by, verb="profile")


def issue_token(user: User, name: str) -> tuple[ApiToken, str]:
    """A new API token of this person: the row, and the key, which is not kept and can't be shown again."""
    key = f"vrk_{secrets.token_urlsafe(32)}"
    return ApiToken.objects.create(user=user, name=name, prefix=key[:8], digest=digest(key)), key


def digest(key: str) -> str:
    """What is kept of a key: SHA-256 is enough for 256 random bits, and quick."""
    return hashlib.sha256(key.encode()).hexdigest()


_OF_SESSION = Prepared(lambda: User.objects.active().with_unread().select_related("role").filter(pk=Slot("pk")))


def user_of_session(pk: int) -> User | None:
    """The active person somebody signed in as, with the role; None for nobody."""
    found = _OF_SESSION(pk=pk)
    return found[0] if found else None


_OF_TOKEN = Prepared(
    lambda: ApiToken.objects.select_related("user__role", "user__team").filter(
        digest=Slot("digest"), user__is_active=True
    )
)


def user_of_token(key: str) -> User | None:
    """The active person a key belongs to. One statement, and one more on the first use of a day."""
    found = _OF_TOKEN(digest=digest(key))
    if not found:
        return None
    token = found[0]
    today = timezone.now().date()
    if token.used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(used_on=today)
    return token.user


def revoke_token(token: ApiToken) -> None:
    """The key stops working at once."""
    token.delete()


@transaction.atomic
def save_company(company: Company, *, by: User) -> Company:
    """Change the company's settings."""
    return kernel.save(company, by=by, verb="company")


@transaction.atomic
def save_team(team: Team, *, by: User) -> Team:
    """Create or change a team. Raises RuleBroken when a team would stand below itself."""
    if team.pk and team.parent_id and _stands_below(team.parent, team):
        raise RuleBroken(_("A team can't stand below itself."), code="loop", field="parent")
    return kernel.save(team, by=by, verb="team")


def _stands_below(team: Team | None, top: Team) -> bool:
    while team is not None:
        if team.pk == top.pk:
            return True
        team = team.parent
    return False


def save_role(role: Role, *, by: User) -> Role:
    """Create or change a role. Raises RuleBroken when nobody could manage users any more."""
    with transaction.atomic():
        kernel.save(role, by=by, verb="role")
        if not User.objects.active().filter(role__permissions__contains=["accounts.manage_users"]).exists():
            raise RuleBroken(
                _("Somebody must be able to manage users: keep this permission in one role."), code="last_role"
            )
    return role


def operator(email: str = "") -> User:
    """Whoever acts from the command line: the person named, else the first active administrator. Raises RuleBroken for nobody."""
    people = User.objects.active().select_related("role")
    found = people.filter(email__iexact=email).first() if email else None
    if not email:
        found = people.filter(role__permissions__contains=["accounts.manage_users"]).order_by("pk").first()
    if found is None:
        raise RuleBroken(
            _("Nobody signs in with this e-mail.") if email else _("There is no administrator yet."), code="no_user"
        )
    return found


@transaction.atomic
def notify(
    person: User,
    title: str | Promise,
    *,
    text: str | Promise = "",
    url: str = "",
    kind: str = "",
    key: str = "",
    mail: bool = False,
) -> Notice | None:
    """Tell a person something: it waits under the bell, and with `mail` goes by e-mail too, if the person wants letters.

    Lazy sentences are put into the person's language. A second notice with the same non-empty `key` is not made: None. `url` is a path inside the
    product. People who can't sign in are told nothing.
    """
    if not person.is_active:
        return None
    by_mail = mail and person.notices_by_mail and letters.is_set_up()
    with translation.override(person.language_or_default()):
        notice = Notice(user=person, kind=kind, title=str(title)[:200], text=str(text), url=url, key=key)
    notice.mail_after = notice.created_at if by_mail else None
    if not _made(notice):
        return None
    if by_mail:
        transaction.on_commit(_mail_soon)
    return notice


def _made(notice: Notice) -> bool:
    """Write the notice, unless the person was told under this key before."""
    if notice.key and Notice.objects.visible_to(notice.user).filter(key=notice.key).exists():
        return False
    try:
        with transaction.atomic():
            notice.save(force_insert=True)
    except IntegrityError:
        if notice.key:  # another process told the same at the same moment
            return False
        raise
    return True


def _mail_soon() -> None:
    kernel.defer_once(jobs.mail_notices)


@transaction.atomic
def read_notices(notices: NoticeQuerySet, *, by: User) -> None:
    """Mark these notices of a person as read."""
    notices.unread().update(read_at=timezone.now())
