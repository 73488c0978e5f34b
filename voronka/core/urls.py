"""Addresses of the frame itself: saved views, health."""

from __future__ import annotations

from django.urls import path

from voronka.core import pages, views

app_name = "core"
urlpatterns = [
    path("healthz/", pages.health, name="health"),
    path("views/save/", views.save_view, name="save_view"),
    path("views/delete/", views.delete_view, name="delete_view"),
]
