from django.urls import path

from apps.tournaments import views

urlpatterns = [
    path("", views.home, name="home"),
    path("me", views.me, name="me"),
    path("me/all/<slug:name>", views.my_list, name="my_list"),
    path("tournaments/all/<slug:slug>", views.tournament_index, name="tournament_index"),
    path("tournaments/new", views.tournament_new, name="tournament_new"),
    path("tournaments/<int:tournament_id>", views.tournament_page, name="tournament_page"),
    path("tournaments/<int:tournament_id>/parts", views.tournament_parts, name="tournament_parts"),
    path("tournaments/<int:tournament_id>/desk", views.desk, name="desk"),
]
