"""The kit's own pages in a project that has no others, but a view that fails."""

from django.urls import include, path

from tests.core.urls import boom

urlpatterns = [path("boom", boom), path("", include("apps.web.urls"))]
handler500 = "apps.web.views.server_error"
