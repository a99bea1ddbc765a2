import os
import sys

from celery import Celery

from apps.core.logging import setup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deltacrown.settings")

if "celery.bin.celery" in sys.modules:  # started by the celery command
    setup.install_hooks("beat" if "beat" in sys.argv else "worker")

app = Celery("deltacrown")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
