"""Addresses of hand-overs and briefs."""

from django.urls import path

from voronka.handover import views

app_name = "handover"
urlpatterns = [
    path("handovers/", views.handovers, name="list"),
    path("handovers/new/", views.create, name="create"),
    path("handovers/givers/", views.givers, name="givers"),
    path("handovers/<int:pk>/", views.detail, name="detail"),
    path("handovers/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("handovers/<int:pk>/undo/", views.undo, name="undo"),
    path("handovers/brief/<int:brief>/", views.brief, name="brief"),
    path("handovers/brief/<int:brief>/pdf/", views.brief_pdf, name="brief_pdf"),
    path("handovers/of-partner/<int:partner_id>/", views.of_partner, name="of_partner"),
]
