"""Addresses of accounts."""

from django.urls import path

from voronka.accounts import views

app_name = "accounts"
urlpatterns = [
    path("welcome/", views.first_run, name="first_run"),
    path("profile/", views.profile, name="profile"),
    path("profile/theme/", views.theme, name="theme"),
    path("profile/tokens/", views.tokens, name="tokens"),
    path("profile/tokens/<int:pk>/revoke/", views.revoke_token, name="revoke_token"),
    path("notices/", views.notices, name="notices"),
    path("notices/bell/", views.bell, name="bell"),
    path("notices/read/", views.read_all, name="notices_read"),
    path("notices/<int:pk>/", views.notice, name="notice"),
    path("people/options/", views.people, name="people"),
    path("settings/", views.settings_index, name="settings"),
    path("settings/company/", views.company, name="company"),
    path("settings/users/", views.users, name="users"),
    path("settings/users/new/", views.user_form, name="user_create"),
    path("settings/users/<int:pk>/", views.user_form, name="user_edit"),
    path("settings/teams/", views.teams, name="teams"),
    path("settings/teams/new/", views.team_form, name="team_create"),
    path("settings/teams/<int:pk>/", views.team_form, name="team_edit"),
    path("settings/roles/", views.roles, name="roles"),
    path("settings/roles/<int:pk>/", views.role_form, name="role_edit"),
]
