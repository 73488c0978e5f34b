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
    path("partners/<int:partner>/files/", views.files, name="files_of_partner"),
    path("opportunities/<int:opportunity>/files/", views.files, name="files_of_opportunity"),
    path("activities/<int:activity>/files/", views.files, name="files_of_activity"),
    path("files/<int:file>/", views.file, name="file"),
    path("files/<int:file>/delete/", views.file_delete, name="file_delete"),
    path("files/<int:file>/restore/", views.file_restore, name="file_restore"),
]
