from django.urls import path

from apps.web import views

urlpatterns = [
    path("feedback", views.feedback, name="feedback"),
    path("feedback/sent", views.feedback_sent, name="feedback_sent"),
    path("csp-report", views.csp_report, name="csp_report"),
    path("favicon.ico", views.favicon, name="favicon"),
]
