"""Addresses of analytics."""

from django.urls import path

from voronka.analytics import views

app_name = "analytics"
urlpatterns = [
    path("", views.home, name="home"),
    path("reports/", views.index, name="index"),
    path("reports/<slug:slug>/", views.report, name="report"),
]
