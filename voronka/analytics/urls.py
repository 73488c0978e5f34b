"""Addresses of analytics."""

from django.urls import path

from voronka.analytics import views

app_name = "analytics"
urlpatterns = [
    path("", views.home, name="home"),
    path("begin/", views.begin, name="begin"),
    path("reports/", views.index, name="index"),
    path("reports/schedules/", views.schedules, name="schedules"),
    path("reports/schedules/new/", views.SchedulePage.as_view(), name="schedule_create"),
    path("reports/schedules/<int:pk>/", views.SchedulePage.as_view(), name="schedule_edit"),
    path("reports/schedules/<int:pk>/act/", views.schedule_act, name="schedule_act"),
    path("reports/<slug:slug>/", views.report, name="report"),
]
