"""Addresses of imports."""

from django.urls import path

from voronka.imports import views

app_name = "imports"
urlpatterns = [
    path("imports/", views.run_list, name="list"),
    path("imports/new/", views.new, name="new"),
    path("imports/mappings/", views.mappings, name="mappings"),
    path("imports/mappings/<int:pk>/", views.mapping, name="mapping"),
    path("imports/<int:pk>/", views.detail, name="detail"),
    path("imports/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("imports/<int:pk>/pause/", views.pause, name="pause"),
    path("imports/<int:pk>/resume/", views.resume, name="resume"),
    path("imports/<int:pk>/undo/", views.undo, name="undo"),
    path("imports/<int:pk>/refused/", views.refused, name="refused"),
]
