"""Addresses of the frame itself: saved views, custom fields, health."""

from __future__ import annotations

from django.urls import path

from voronka.core import pages, views

app_name = "core"
urlpatterns = [
    path("healthz/", pages.health, name="health"),
    path("views/save/", views.save_view, name="save_view"),
    path("views/delete/", views.delete_view, name="delete_view"),
    path("settings/custom-fields/", views.custom_fields, name="custom_fields"),
    path("settings/custom-fields/new/<str:model>/", views.custom_field, name="custom_field_create"),
    path("settings/custom-fields/<int:field_pk>/", views.custom_field, name="custom_field_edit"),
    path("settings/custom-fields/<int:field_pk>/move/", views.custom_field_move, name="custom_field_move"),
]
