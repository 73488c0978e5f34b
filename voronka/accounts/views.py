"""Pages of accounts: the first run, one's profile and tokens, and the set-up of company, users, teams and roles."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import permission_required
from django.forms import BaseForm
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from voronka.accounts import actions, forms
from voronka.accounts.models import ApiToken, Notice, Role, Team, User
from voronka.core.errors import RuleBroken
from voronka.core.frame import Request
from voronka.core.models import Company
from voronka.core.registry import panels_for

configures = permission_required("core.configure", raise_exception=True)
manages_users = permission_required("accounts.manage_users", raise_exception=True)


@sensitive_post_parameters("password")
def first_run(request: Request) -> HttpResponse:
    """The page a new installation opens with; afterwards it leads to the sign-in page."""
    if not actions.is_first_run():
        return redirect("account_login")
    form = forms.FirstRunForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.set_up_company(**form.cleaned_data)
        except RuleBroken as broken:
            messages.error(request, str(broken))
            return redirect("account_login")
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect("analytics:home")
    return render(request, "accounts/first_run.html", {"form": form})


def profile(request: Request) -> HttpResponse:
    """One's own name, language, time zone and theme."""
    user = User.objects.editable_by(request.user).get(pk=request.user.pk)
    form = forms.ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        actions.save_profile(form.save(commit=False), by=request.user)
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form, "places": panels_for("profile")})


@require_POST
def theme(request: Request) -> HttpResponse:
    """Switch between light, dark and the system's theme from the user menu."""
    chosen = request.POST.get("theme", "")
    if chosen in User.Theme.values:
        request.user.theme = chosen
        actions.save_profile(request.user, by=request.user)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect("accounts:profile")


def tokens(request: Request) -> HttpResponse:
    """One's API tokens; a new key is shown once, on the answer to the POST."""
    form = forms.TokenForm(request.POST or None)
    key = ""
    if request.method == "POST" and form.is_valid():
        _token, key = actions.issue_token(request.user, form.cleaned_data["name"])
        form = forms.TokenForm()
    rows = ApiToken.objects.visible_to(request.user)
    return render(request, "accounts/tokens.html", {"form": form, "key": key, "tokens": rows})


NOTICES_SHOWN = 100


def notices(request: Request) -> HttpResponse:
    """What a person was told lately; htmx gets the short list under the bell."""
    rows = Notice.objects.visible_to(request.user)
    if request.htmx:
        return render(request, "accounts/_notices.html", {"notices": rows[:8]})
    return render(request, "accounts/notices.html", {"title": _("Notices"), "notices": rows[:NOTICES_SHOWN]})


def bell(request: Request) -> HttpResponse:
    """The number on the bell, asked for once a minute by an open page."""
    return render(request, "core/components/bell.html", {"unread": request.user.unread})


def notice(request: Request, pk: int) -> HttpResponse:
    """Open what a notice is about; it counts as read."""
    rows = Notice.objects.editable_by(request.user).filter(pk=pk)
    found = get_object_or_404(rows)
    actions.read_notices(rows, by=request.user)
    return redirect(found.url or "accounts:notices")


@require_POST
def read_all(request: Request) -> HttpResponse:
    actions.read_notices(Notice.objects.editable_by(request.user), by=request.user)
    return redirect("accounts:notices")


@require_POST
def revoke_token(request: Request, pk: int) -> HttpResponse:
    actions.revoke_token(get_object_or_404(ApiToken.objects.editable_by(request.user), pk=pk))
    messages.success(request, _("The token no longer works."))
    return redirect("accounts:tokens")


def people(request: Request) -> HttpResponse:
    """Colleagues for a selector: active ones, with `left` also those who no longer work here."""
    rows = User.objects.visible_to(request.user)
    rows = rows if request.GET.get("left") else rows.active()
    rows = rows.filter(name__icontains=request.GET.get("q", "").replace("\x00", ""))
    return JsonResponse([{"value": key, "text": name} for key, name in rows.values_list("pk", "name")[:50]], safe=False)


def settings_index(request: Request) -> HttpResponse:
    """What can be set up, by those who may."""
    return render(request, "accounts/settings.html", {"title": _("Settings"), "places": panels_for("settings")})


@configures
def company(request: Request) -> HttpResponse:
    form = forms.CompanyForm(request.POST or None, instance=Company.current())
    if request.method == "POST" and form.is_valid():
        actions.save_company(form.save(commit=False), by=request.user)
        messages.success(request, _("Saved."))
        return redirect("accounts:company")
    return _form_page(request, form, _("Company"))


@manages_users
def users(request: Request) -> HttpResponse:
    rows = User.objects.visible_to(request.user).for_list().order_by("-is_active", "name")
    return render(request, "accounts/users.html", {"users": rows})


@manages_users
@sensitive_post_parameters("password")
def user_form(request: Request, pk: int | None = None) -> HttpResponse:
    """Add or change an account. The password is set only when one was typed."""
    user = get_object_or_404(User.objects.editable_by(request.user), pk=pk) if pk else User()
    form = forms.UserForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid() and _keep(form, lambda: _save_user(request, form)):
        return redirect("accounts:users")
    return _form_page(request, form, user.name if pk else _("New user"), ("accounts:users", _("Users")))


def _save_user(request: Request, form: Any) -> None:
    password = form.cleaned_data.pop("password")
    user = form.save(commit=False)
    if user._state.adding:
        actions.add_user(**form.cleaned_data, password=password, by=request.user)
        return
    actions.save_user(user, by=request.user)
    if password:
        actions.set_password(user, password, by=request.user)
        if user.pk == request.user.pk:
            update_session_auth_hash(request, user)


@manages_users
def teams(request: Request) -> HttpResponse:
    rows = Team.objects.with_tree_fields().prefetch_related("users")
    return render(request, "accounts/teams.html", {"teams": rows})


@manages_users
def team_form(request: Request, pk: int | None = None) -> HttpResponse:
    team = get_object_or_404(Team, pk=pk) if pk else Team()
    form = forms.TeamForm(request.POST or None, instance=team)
    if (
        request.method == "POST"
        and form.is_valid()
        and _keep(form, lambda: actions.save_team(_instance(form), by=request.user))
    ):
        return redirect("accounts:teams")
    return _form_page(request, form, team.name or _("New team"), ("accounts:teams", _("Teams")))


@manages_users
def roles(request: Request) -> HttpResponse:
    may, reach = forms.permission_names(), forms.scope_names()
    rows = []
    for role in Role.objects.all():
        scopes = [
            (
                name,
                reach[role.scopes.get(label, {}).get("see", "none")],
                reach[role.scopes.get(label, {}).get("edit", "none")],
            )
            for label, name in forms.scoped_names().items()
        ]
        rows.append((role, scopes, [str(may[slug]) for slug in role.permissions if slug in may]))
    return render(request, "accounts/roles.html", {"roles": rows})


@manages_users
def role_form(request: Request, pk: int) -> HttpResponse:
    role = get_object_or_404(Role, pk=pk)
    form = forms.RoleForm(request.POST or None, instance=role)
    if request.method == "POST" and form.is_valid():
        role = form.save(commit=False)
        role.scopes = form.scopes()
        if _keep(form, lambda: actions.save_role(role, by=request.user)):
            return redirect("accounts:roles")
    return _form_page(request, form, role.name, ("accounts:roles", _("Roles")))


def _instance(form: Any) -> Any:
    return form.save(commit=False)


def _keep(form: BaseForm, act: Any) -> bool:
    """Do the act; a broken rule becomes an error of the form, beside its field where it has one."""
    try:
        act()
    except RuleBroken as broken:
        form.add_error(broken.field if broken.field in form.fields else None, str(broken))
        return False
    return True


def _form_page(request: Request, form: BaseForm, title: str, parent: tuple[str, str] | None = None) -> HttpResponse:
    crumbs = [("accounts:settings", _("Settings")), *([parent] if parent else [])]
    return render(request, "accounts/form_page.html", {"form": form, "title": title, "crumbs": crumbs})
