"""The kit's own pages in a project that has no others, but a view that fails."""

from django.urls import include, path

from tests.core.urls import boom

urlpatterns = [path("boom", boom), path("", include("apps.core.urls"))]
handler500 = "apps.core.views.server_error"
