"""The kit's settings, with their values where a project's settings do not say otherwise.

Like Django's `global_settings`: a name here is a setting, and there is no other.
"""

import os

from django.conf import settings

ENABLE_PROMETHEUS = True
PROMETHEUS_METRICS_PATH = "/metrics/"
METRICS_TOKEN = ""  # none: whoever reaches the page may read it
METRICS_MAX_TOURNAMENTS = 200
METRICS_RETIRE_SECONDS = 60
WORKER_METRICS_HOST = "127.0.0.1"
WORKER_METRICS_PORT = 9808
WS_WARN_CONNECTIONS = 1000
WEB_THREADS = 8
TRUSTED_PROXIES = 0  # of ours, in front: without any, X-Forwarded-For is not believed
AUDIT_KEY = ""  # none: SECRET_KEY and its fallbacks
AUDIT_KEY_FALLBACKS: list[str] = []  # what records of before were signed with
# What may be done how often: "sync", and the names that the project hits
RATE_LIMITS = {"sync": "30/minute", "csp_reports": "30/minute"}
REDIS_URL = ""  # none: cache and channel layer are in memory
BROKER_QUEUES = ["celery"]  # the bound of the `queue` label
RELEASE = ""
# For `check --deploy` alone
PUBLIC_URL = ""
LOG_AGGREGATION = ""
ALERTMANAGER_SECRETS: dict[str, str] = {}
BASE_DIR = "."  # where it looks for .env, grafana/ and prometheus/


def complete() -> None:
    """Gives the project's settings what they lack of ours. In multiprocess mode no tournament has
    series of its own: they are in files, and could not be removed."""
    for name, value in list(globals().items()):
        if name.isupper() and not hasattr(settings, name):
            setattr(settings, name, value)
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        settings.METRICS_MAX_TOURNAMENTS = 0
