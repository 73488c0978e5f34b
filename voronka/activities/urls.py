"""Addresses of activities."""

from django.urls import path

from voronka.activities import views

app_name = "activities"
urlpatterns = [
    path("activities/", views.ActivityList.as_view(), name="list"),
    path("activities/note/", views.note, name="note"),
    path("activities/<int:pk>/", views.detail, name="detail"),
    path("activities/<int:pk>/delete/", views.delete, name="delete"),
    path("activities/<int:pk>/restore/", views.restore, name="restore"),
    path("partners/<int:partner_id>/activities/", views.of_partner, name="of_partner"),
    path("partners/<int:partner_id>/contact-figures/", views.partner_figures, name="partner_figures"),
]
