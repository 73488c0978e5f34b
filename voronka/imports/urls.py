from django.http import HttpResponse
from django.urls import path

app_name = "imports"
urlpatterns = [
    path("imports/", lambda request: HttpResponse("soon"), name="list"),
    path("imports/new/", lambda request: HttpResponse("soon"), name="new"),
]
