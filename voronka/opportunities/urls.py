"""Addresses of opportunities."""

from functools import partial

from django.urls import path

from voronka.opportunities import views
from voronka.opportunities.views import parts, past, targets, timelines

app_name = "opportunities"
urlpatterns = [
    path("opportunities/", views.OpportunityList.as_view(), name="list"),
    path("opportunities/<int:pk>/", views.OpportunityPage.as_view(), name="detail"),
    path("opportunities/board/", views.Board.as_view(), name="board"),
    path("opportunities/new/", views.OpportunityFormPage.as_view(), name="create"),
    path("opportunities/bin/restore/", views.restore_moment, name="restore_moment"),
    path("opportunities/bin/", views.recycle_bin, name="bin"),
    path("opportunities/targets/", targets.targets, name="targets"),
    path("opportunities/targets/<int:target_pk>/delete/", targets.delete, name="target_delete"),
    path("opportunities/options/", views.options, name="options"),
    path("opportunities/stages/", views.stage_options, name="stages"),
    path("opportunities/partner-values/", views.partner_values, name="partner_values"),
    path("opportunities/new-partner/", views.new_partner, name="new_partner"),
    path("opportunities/search/", views.search_panel, name="search"),
    path("opportunities/<int:pk>/edit/", views.OpportunityFormPage.as_view(), name="edit"),
    path("opportunities/<int:pk>/move/", views.move, name="move"),
    path("opportunities/<int:pk>/change/<slug:field>/", views.change, name="change"),
    path("opportunities/<int:pk>/correct/", past.correct, name="correct"),
    path("opportunities/<int:pk>/parts/", parts.panel, name="parts"),
    path("opportunities/<int:pk>/items/", parts.items, name="items"),
    path("opportunities/<int:pk>/people/", parts.people, name="people"),
    path("opportunities/<int:pk>/clone/", parts.clone, name="clone"),
    path("opportunities/<int:pk>/quick/", views.quick, name="quick"),
    path("opportunities/<int:pk>/win/", views.win, name="win"),
    path("opportunities/<int:pk>/lose/", views.lose, name="lose"),
    path("opportunities/<int:pk>/reopen/", views.reopen, name="reopen"),
    path("opportunities/<int:pk>/delete/", views.delete, name="delete"),
    path("opportunities/<int:pk>/restore/", views.restore, name="restore"),
    path("partners/<int:partner_id>/timeline/", timelines.of_partner, name="timeline_of_partner"),
    path("partners/<int:partner_id>/opportunities/", views.partner_panel, name="of_partner"),
    path("partners/<int:partner_id>/figures/", views.partner_figures, name="partner_figures"),
    path("settings/pipelines/", views.pipelines, name="pipelines"),
    path("settings/pipelines/new/", views.pipeline_form, name="pipeline_create"),
    path("settings/pipelines/<int:pipeline_pk>/", views.pipeline_form, name="pipeline_edit"),
    *(path(f"settings/lists/{slug}/", partial(views.lookup, slug=slug), name=f"set_up_{slug}") for slug in views.LISTS),
    *(
        path(f"lists/{slug}/options/", partial(views.lookup_options, slug=slug), name=slug)
        for slug in ("competitors", "relationships")
    ),
]
