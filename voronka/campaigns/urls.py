"""Addresses of segments, consents and personal data."""

from django.urls import path

from voronka.campaigns import views

app_name = "campaigns"
urlpatterns = [
    path("segments/", views.SegmentList.as_view(), name="list"),
    path("segments/new/", views.SegmentFormPage.as_view(), name="create"),
    path("segments/collect/", views.collect, name="collect"),
    path("segments/<int:pk>/", views.segment_page, name="detail"),
    path("segments/<int:pk>/edit/", views.SegmentFormPage.as_view(), name="edit"),
    path("segments/<int:pk>/combine/", views.combine, name="combine"),
    path("segments/<int:pk>/copy/", views.copy, name="copy"),
    path("segments/<int:pk>/filling/", views.filling_state, name="filling"),
    path("segments/<int:pk>/filling/stop/", views.filling_stop, name="filling_stop"),
    path("segments/<int:pk>/delete/", views.delete, name="delete"),
    path("segments/<int:pk>/restore/", views.restore, name="restore"),
    path("partners/<int:partner_id>/consents/", views.of_partner, name="of_partner"),
    path("consents/of-partner/<int:partner_id>/new/", views.consent_form, name="consent_create"),
    path("objections/of-partner/<int:partner_id>/new/", views.objection_form, name="objection_create"),
    path("contacts/<int:contact_id>/consents/", views.of_contact, name="of_contact"),
    path("consents/<int:consent>/withdraw/", views.withdraw, name="consent_withdraw"),
    path("objections/<int:objection>/lift/", views.lift, name="objection_lift"),
    path("consent/<str:token>/", views.withdraw_by_link, name="withdraw"),
    path("settings/consents/", views.texts, name="texts"),
    path("persons/exports/", views.exports, name="exports"),
    path("persons/exports/<int:export>/file/", views.export_file, name="export_file"),
    path("persons/erasures/", views.erasures, name="erasures"),
    path("persons/<slug:kind>/<int:key>/export/", views.export_person, name="export_person"),
    path("persons/<slug:kind>/<int:key>/erase/", views.erase_person, name="erase_person"),
]
