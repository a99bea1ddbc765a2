from django.urls import path

from apps.teams import views

urlpatterns = [
    path("teams", views.teams, name="teams"),
    path("teams/<int:team_id>", views.team, name="team"),
]
