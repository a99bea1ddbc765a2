from django.urls import path

from apps.tournaments.views.desk import desk, tournament_new
from apps.tournaments.views.home import home, tournament_index
from apps.tournaments.views.me import me, my_list
from apps.tournaments.views.tournament import tournament_page, tournament_parts

urlpatterns = [
    path("", home, name="home"),
    path("me", me, name="me"),
    path("me/all/<slug:name>", my_list, name="my_list"),
    path("tournaments/all/<slug:slug>", tournament_index, name="tournament_index"),
    path("tournaments/new", tournament_new, name="tournament_new"),
    path("tournaments/<int:tournament_id>", tournament_page, name="tournament_page"),
    path("tournaments/<int:tournament_id>/parts", tournament_parts, name="tournament_parts"),
    path("tournaments/<int:tournament_id>/desk", desk, name="desk"),
]
