"""Addresses of partners."""

from functools import partial

from django.urls import path

from voronka.partners import views

app_name = "partners"
urlpatterns = [
    path("partners/", views.PartnerList.as_view(), name="list"),
    path("partners/<int:pk>/", views.PartnerPage.as_view(), name="detail"),
    path("partners/new/", views.PartnerFormPage.as_view(), name="create"),
    path("partners/pairs/", views.pairs, name="pairs"),
    path("partners/pairs/scan/", views.pairs_scan, name="pairs_scan"),
    path("partners/pairs/state/", views.scan_state, name="scan_state"),
    path("partners/pairs/scan/<int:scan>/stop/", views.scan_stop, name="scan_stop"),
    path("partners/requests/", views.requests, name="requests"),
    path("partners/requests/<int:wanted>/", views.request_answer, name="request_answer"),
    path("partners/ask/", views.ask, name="ask"),
    path("partners/pairs/<int:pair>/dismiss/", views.pair_dismiss, name="pair_dismiss"),
    path("partners/merge/<int:first>/<int:second>/", views.merge_page, name="merge"),
    path("partners/merges/<int:merge>/undo/", views.unmerge, name="unmerge"),
    path("partners/leads/", views.leads, name="leads"),
    path("partners/leads/distribute/", views.distribute, name="distribute"),
    path("settings/assignment/", views.assignment, name="assignment"),
    path("settings/assignment/new/", views.assignment_form, name="assignment_create"),
    path("settings/assignment/<int:rule>/", views.assignment_form, name="assignment_edit"),
    path("partners/inactive/", views.inactive, name="inactive"),
    path("partners/bin/restore/", views.restore_moment, name="restore_moment"),
    path("partners/bin/", views.recycle_bin, name="bin"),
    path("partners/options/", views.options, name="options"),
    path("contacts/", views.ContactList.as_view(), name="contact_list"),
    path("contacts/<int:contact_key>/", views.contact, name="contact"),
    path("contacts/restore/", views.contacts_restore, name="contacts_restore"),
    path("partners/contacts/", views.contact_options, name="contacts"),
    path("partners/search/", views.search_panel, name="search"),
    path("partners/duplicates/", views.duplicates, name="duplicates"),
    path("partners/<int:pk>/edit/", views.PartnerFormPage.as_view(), name="edit"),
    path("partners/<int:pk>/delete/", views.delete, name="delete"),
    path("partners/<int:pk>/restore/", views.restore, name="restore"),
    path("partners/<int:pk>/convert/", views.convert, name="convert"),
    path("partners/<int:pk>/change/<slug:field>/", views.change, name="change"),
    path("partners/<int:pk>/<slug:part>/new/", views.part_form, name="part_create"),
    path("partners/<int:pk>/<slug:part>/<int:key>/", views.part_form, name="part_edit"),
    path("partners/<int:pk>/<slug:part>/<int:key>/delete/", views.part_delete, name="part_delete"),
    path("partners/<int:pk>/<slug:part>/<int:key>/restore/", views.part_restore, name="part_restore"),
    path("settings/payment-terms/", views.payment_terms, name="set_up_payment_terms"),
    path("settings/payment-terms/new/", views.payment_terms_form, name="payment_terms_create"),
    path("settings/payment-terms/<int:terms_pk>/", views.payment_terms_form, name="payment_terms_edit"),
    path("lists/payment-terms/options/", views.payment_terms_options, name="payment_terms_options"),
    *(path(f"settings/lists/{slug}/", partial(views.lookup, slug=slug), name=f"set_up_{slug}") for slug in views.LISTS),
    *(path(f"lists/{slug}/options/", partial(views.lookup_options, slug=slug), name=slug) for slug in views.LISTS),
]
