from django.urls import path

from apps.matches import views

urlpatterns = [path("matches/<int:match_id>", views.match_room, name="match_room")]
