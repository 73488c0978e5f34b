"""Addresses of analytics."""

from django.urls import path

from voronka.analytics import views
from voronka.analytics.views import forecast, home

app_name = "analytics"
urlpatterns = [
    path("", home.home, name="home"),
    path("begin/", home.begin, name="begin"),
    path("home/arrange/", home.arrange, name="home_arrange"),
    path("home/place/", home.place, name="home_place"),
    path("home/reset/", home.reset, name="home_reset"),
    path("home/share/", home.share, name="home_share"),
    path("tiles/<slug:slug>/", home.tile, name="tile"),
    path("tiles/<slug:slug>/stop/", home.tile_stop, name="tile_stop"),
    path("forecast/", forecast.forecast, name="forecast"),
    path("forecast/<int:person_pk>/", forecast.correct, name="forecast_correct"),
    path("reports/", views.index, name="index"),
    path("reports/schedules/", views.schedules, name="schedules"),
    path("reports/schedules/new/", views.SchedulePage.as_view(), name="schedule_create"),
    path("reports/schedules/<int:pk>/", views.SchedulePage.as_view(), name="schedule_edit"),
    path("reports/schedules/<int:pk>/act/", views.schedule_act, name="schedule_act"),
    path("reports/<slug:slug>/", views.report, name="report"),
    path("reports/<slug:slug>/stop/", views.report_stop, name="report_stop"),
]
