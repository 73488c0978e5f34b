"""The products app."""

from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "voronka.products"
