from django.contrib import admin
from django.urls import path

from apps.tournaments import views
from deltacrown.api import api

urlpatterns = [
    path("", views.home, name="home"),
    path("tournaments/<int:tournament_id>", views.tournament_page, name="tournament_page"),
    path(
        "tournaments/<int:tournament_id>/bracket",
        views.tournament_bracket,
        name="tournament_bracket",
    ),
    path("api/", api.urls),
    path("admin/", admin.site.urls),
]
