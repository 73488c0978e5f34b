"""Addresses of products."""

from django.urls import path

from voronka.products import views

app_name = "products"
urlpatterns = [
    path("settings/currencies/", views.currencies, name="currencies"),
    path("settings/currencies/new/", views.currency_form, name="currency_create"),
    path("settings/currencies/file/", views.rates_file, name="rates_file"),
    path("settings/currencies/<int:currency_pk>/", views.currency, name="currency"),
    path("settings/currencies/<int:currency_pk>/edit/", views.currency_form, name="currency_edit"),
    path("settings/currencies/<int:currency_pk>/rates/<int:rate_pk>/delete/", views.delete_rate, name="rate_delete"),
]
