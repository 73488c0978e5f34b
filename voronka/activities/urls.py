"""Addresses of activities."""

from functools import partial

from django.urls import path

from voronka.activities import calendar_views as calendar
from voronka.activities import letter_views, views

app_name = "activities"
urlpatterns = [
    path("activities/", views.ActivityList.as_view(), name="list"),
    path("activities/new/", views.ActivityFormPage.as_view(), name="create"),
    path("activities/compose/", views.compose, name="compose"),
    path("activities/understood/", views.understood, name="understood"),
    path("activities/day/", views.my_day, name="my_day"),
    path("activities/search/", views.search_panel, name="search"),
    path("calendar/", calendar.page, name="calendar"),
    path("calendar/events/", calendar.events, name="calendar_events"),
    path("calendar/move/", calendar.move, name="calendar_move"),
    path("calendar/warnings/", calendar.warnings, name="calendar_warnings"),
    path("calendar/series/<int:series>/<str:stamp>/", calendar.occurrence, name="occurrence"),
    path("calendar/absences/", calendar.absences, name="absences"),
    path("calendar/absences/new/", calendar.AbsenceFormPage.as_view(), name="absence_create"),
    path("calendar/absences/<int:pk>/edit/", calendar.AbsenceFormPage.as_view(), name="absence_edit"),
    path("calendar/absences/<int:absence>/delete/", calendar.absence_delete, name="absence_delete"),
    path("calendar/feed/<str:secret>.ics", calendar.feed, name="feed"),
    path("profile/calendar/", calendar.feed_settings, name="feed_settings"),
    path("settings/holidays/", calendar.holidays, name="holidays"),
    path("activities/<int:pk>/end-series/", calendar.end_series, name="end_series"),
    path("activities/<int:pk>/", views.detail, name="detail"),
    path("activities/<int:pk>/edit/", views.ActivityFormPage.as_view(), name="edit"),
    path("activities/<int:pk>/done/", views.done, name="done"),
    path("activities/<int:pk>/next/", views.next_step, name="next"),
    path("activities/<int:pk>/reschedule/", views.reschedule, name="reschedule"),
    path("activities/<int:pk>/reassign/", views.reassign, name="reassign"),
    path("activities/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("activities/<int:pk>/reopen/", views.reopen, name="reopen"),
    path("activities/<int:pk>/delete/", views.delete, name="delete"),
    path("activities/<int:pk>/restore/", views.restore, name="restore"),
    path("partners/<int:partner_id>/activities/", views.of_partner, name="of_partner"),
    path("partners/<int:partner_id>/contact-figures/", views.partner_figures, name="partner_figures"),
    path("partners/<int:partner>/files/", views.files, name="files_of_partner"),
    path("opportunities/<int:opportunity>/files/", views.files, name="files_of_opportunity"),
    path("activities/<int:activity>/files/", views.files, name="files_of_activity"),
    path("partners/<int:partner>/letter/", letter_views.LetterPage.as_view(), name="letter_to_partner"),
    path("opportunities/<int:opportunity>/letter/", letter_views.LetterPage.as_view(), name="letter_about_opportunity"),
    path("activities/<int:activity>/answer/", letter_views.LetterPage.as_view(), name="answer"),
    path("activities/<int:activity>/html/", letter_views.letter_html, name="letter_html"),
    path("activities/<int:activity>/send-again/", letter_views.send_again, name="send_again"),
    path("profile/mailbox/", letter_views.mailbox, name="mailbox"),
    path("profile/mailbox/look/", letter_views.look, name="mailbox_look"),
    path("profile/mailbox/forget/", letter_views.forget, name="mailbox_forget"),
    path("settings/lists/letter-templates/", letter_views.templates, name="set_up_letter-templates"),
    path("settings/lists/letter-templates/new/", letter_views.template_form, name="letter_template_create"),
    path("settings/lists/letter-templates/<int:template>/", letter_views.template_form, name="letter_template_edit"),
    path("files/<int:file>/", views.file, name="file"),
    path("files/<int:file>/delete/", views.file_delete, name="file_delete"),
    path("files/<int:file>/restore/", views.file_restore, name="file_restore"),
    path("settings/lists/activity-subjects/", views.subjects, name="set_up_activity-subjects"),
    *(path(f"settings/lists/{slug}/", partial(views.lookup, slug=slug), name=f"set_up_{slug}") for slug in views.LISTS),
]
