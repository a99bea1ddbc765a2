from django.contrib import admin
from django.urls import include, path

from deltacrown.api import api

urlpatterns = [
    path("", include("apps.tournaments.urls")),
    path("", include("apps.matches.urls")),
    path("", include("apps.payments.urls")),
    path("", include("apps.teams.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.web.urls")),
    path("api/", api.urls),
    path("admin/", admin.site.urls),
]
handler500 = "apps.web.views.server_error"
