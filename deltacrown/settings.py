"""Every setting, read from the environment. `.env.example` lists the variables."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from apps.core import sentry
from apps.core.logging import config as logging_config
from apps.core.logging import setup as logging_setup
from apps.payments.gateways import PROVIDERS
from deltacrown.environment import Environment, read_file, read_levels

BASE_DIR = Path(__file__).resolve().parent.parent
read_file(BASE_DIR / ".env")
env = Environment(os.environ)

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY", default="development-only" if DEBUG else None)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
AUDIT_KEY = env.text("AUDIT_KEY")
if AUDIT_KEY and not DEBUG and len(AUDIT_KEY) < 32:
    env.problem("AUDIT_KEY", "has fewer than 32 characters")
AUDIT_KEY_FALLBACKS = env.words("AUDIT_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
if not DEBUG and "*" in ALLOWED_HOSTS:
    env.problem("ALLOWED_HOSTS", "is *, which lets any Host and any WebSocket origin in")

# --- Monitoring -----------------------------------------------------------------------------------
ENABLE_PROMETHEUS = env.flag("ENABLE_PROMETHEUS", default=True)
PROMETHEUS_METRICS_PATH = env.text("PROMETHEUS_METRICS_PATH", default="/metrics/")
if not PROMETHEUS_METRICS_PATH.startswith("/"):
    env.problem("PROMETHEUS_METRICS_PATH", "does not begin with /")
METRICS_TOKEN = env.text("METRICS_TOKEN")
METRICS_MAX_TOURNAMENTS = env.number("METRICS_MAX_TOURNAMENTS", default=200, high=10_000)
METRICS_RETIRE_SECONDS = env.number("METRICS_RETIRE_SECONDS", default=60, high=86_400)
WEBSOCKET_LABEL = "tournament_id"
CONTEXT_FIELDS = ("user_id", "tournament_id")
CHECK_LOAD_PATH = "/api/tournaments/"
CHECK_METRICS = (
    "tournament_registrations_total",
    "matches_completed_total",
    "payments_processed_total",
    "coins_awarded_total",
)
WS_WARN_CONNECTIONS = env.number("WS_WARN_CONNECTIONS", default=1000, low=1)
WORKER_METRICS_HOST = env.text("WORKER_METRICS_HOST", default="127.0.0.1")
WORKER_METRICS_PORT = env.number("WORKER_METRICS_PORT", default=9808, low=1, high=65_535)
PROMETHEUS_LATENCY_BUCKETS = (
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, float("inf"),
)  # fmt: skip

SENTRY_ENVIRONMENT = env.text(
    "SENTRY_ENVIRONMENT", default="development" if DEBUG else "production"
)
RELEASE = env.text("SENTRY_RELEASE")
SENTRY_TAGS = ("tournament_id", "match_id")
_sampled = sentry.SAMPLE_RATES.get(SENTRY_ENVIRONMENT, sentry.SAMPLE_RATES["production"])
SENTRY_DSN = env.url("SENTRY_DSN", "http", "https")
if SENTRY_DSN and not sentry.is_dsn(SENTRY_DSN):
    env.problem("SENTRY_DSN", "is no DSN: https://KEY@HOST/NUMBER")
    SENTRY_DSN = ""
sentry.init(
    dsn=SENTRY_DSN,
    environment=SENTRY_ENVIRONMENT,
    release=RELEASE or None,
    traces_sample_rate=env.fraction("SENTRY_TRACES_SAMPLE_RATE", default=_sampled),
    profiles_sample_rate=env.fraction("SENTRY_PROFILES_SAMPLE_RATE", default=_sampled),
    tags=SENTRY_TAGS,
    send_usernames=env.flag("SENTRY_SEND_USERNAMES", default=False),
    spotlight=env.text("SENTRY_SPOTLIGHT"),
)

LOGGING_CONFIG = "apps.core.logging.config.configure"
LOGGING = logging_config.config(
    format=env.choice("LOG_FORMAT", ["json", "console"], default="console" if DEBUG else "json"),
    levels=env.parsed("LOG_LEVEL", read_levels, default="INFO"),
    file=env.path("LOG_FILE", under=BASE_DIR),
    stream=logging_setup.stream(),
)
# What the deployment checklist asks for and only the operator knows (`manage.py check --deploy`)
PUBLIC_URL = env.origin("PUBLIC_URL")
LOG_AGGREGATION = env.text("LOG_AGGREGATION")
ALERTMANAGER_SECRETS = {name: env.text(name) for name in ("PAGERDUTY_KEY_FILE", "SLACK_URL_FILE")}

# --- Application ----------------------------------------------------------------------------------
INSTALLED_APPS = [
    *(["django_prometheus"] if ENABLE_PROMETHEUS else []),
    "apps.core",
    "apps.events",
    "apps.web",
    "apps.accounts",
    "apps.games",
    "apps.teams",
    "apps.matches",
    "apps.payments",
    "apps.tournaments",
    "ninja",
    "axes",
    "channels",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
]
MIDDLEWARE = [
    *(["apps.core.sentry.middleware.RequestMiddleware"] if sentry.enabled() else []),
    "apps.core.http.access_log.AccessLogMiddleware",
    "apps.core.http.request_metrics.BeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "apps.api.errors.ErrorShapeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.accounts.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "apps.web.throttling.TooManyRequestsMiddleware",
    "apps.core.http.request_metrics.AfterMiddleware",
]
if not ENABLE_PROMETHEUS:
    MIDDLEWARE = [name for name in MIDDLEWARE if "rometheus" not in name and "metrics" not in name]
ROOT_URLCONF = "deltacrown.urls"
ASGI_APPLICATION = "deltacrown.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
WEB_THREADS = env.number("WEB_THREADS", default=8, low=1, high=256)
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

# --- Data -----------------------------------------------------------------------------------------
_backends = "django_prometheus.db.backends" if ENABLE_PROMETHEUS else "django.db.backends"
DB_HOST = env.text("DB_HOST")
DB_POOL_SIZE = env.number("DB_POOL_SIZE", default=WEB_THREADS + 4, low=1, high=1000)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": f"{_backends}.postgresql",
        "NAME": env.text("DB_NAME", default="deltacrown_db"),
        "USER": env.text("DB_USER", default="deltacrown"),
        "PASSWORD": env.text("DB_PASSWORD"),
        "HOST": DB_HOST,
        "PORT": env.number("DB_PORT", default=5432, low=1, high=65_535),
        "OPTIONS": {
            "connect_timeout": 2,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
            "options": "-c statement_timeout=10000 -c lock_timeout=5000",
            # A command has one thread, and is to hear at once why it has no connection.
            "pool": not logging_setup.is_command()
            and {"min_size": 1, "max_size": DB_POOL_SIZE, "timeout": 5},
        },
    }
    if DB_HOST
    else {
        "ENGINE": f"{_backends}.sqlite3",
        "NAME": env.text("SQLITE_PATH", default=str(BASE_DIR / "db.sqlite3")),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 10,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.url("REDIS_URL", "redis", "rediss")
if REDIS_URL:
    CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
        "default": {
            "BACKEND": "apps.core.websocket.channel_layer.CountedRedisLayer",
            "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": 10}]},
        }
    }
    CACHES: dict[str, dict[str, Any]] = {
        "default": {
            "BACKEND": "apps.core.prometheus.cache.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "deltacrown",
            "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "apps.core.prometheus.cache.LocMemCache"}}

SESSION_ENGINE = "apps.accounts.session_store"

# --- Celery ---------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_INCLUDE = ["apps.core.celery.worker_metrics"]
BROKER_QUEUES = ["celery"]  # the bound of the `queue` label
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_MAX_TASKS_PER_CHILD = env.number("WORKER_TASKS_PER_CHILD", default=0) or None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "apps.core.celery.tasks.heartbeat", "schedule": 30.0},
    "audit-anchor": {"task": "apps.events.tasks.audit_anchor", "schedule": 60.0},
    "audit-verify": {"task": "apps.events.tasks.audit_verify", "schedule": 60.0},
    "ledger-check": {"task": "apps.payments.tasks.ledger_check", "schedule": 60.0},
    "payments-resume": {"task": "apps.payments.tasks.payments_resume", "schedule": 60.0},
    "tournaments-tick": {"task": "apps.tournaments.tasks.tournaments_tick", "schedule": 20.0},
    "matches-no-shows": {"task": "apps.matches.tasks.no_shows_sweep", "schedule": 30.0},
    "matches-reminders": {"task": "apps.matches.tasks.reminders_sweep", "schedule": 60.0},
    "matches-draws": {"task": "apps.matches.tasks.draws_sweep", "schedule": 60.0},
    "matches-disputes": {"task": "apps.matches.tasks.disputes_count", "schedule": 60.0},
    "refunds-resume": {"task": "apps.payments.tasks.refunds_resume", "schedule": 60.0},
    "webhooks-retry": {"task": "apps.payments.tasks.webhooks_retry", "schedule": 60.0},
    "keys-expire": {"task": "apps.payments.tasks.keys_expire", "schedule": 600.0},
    "reconcile": {"task": "apps.payments.tasks.reconcile", "schedule": 300.0},
    "sandbox-deliver": {"task": "apps.payments.tasks.sandbox_deliver", "schedule": 5.0},
    "prizes-sweep": {"task": "apps.tournaments.tasks.prizes_sweep", "schedule": 60.0},
}

# --- Tournaments ----------------------------------------------------------------------------------
REGISTRATION_PAY_MINUTES = env.number("REGISTRATION_PAY_MINUTES", default=30, low=1, high=10_080)

# --- People ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = [
    "apps.accounts.lockout.AxesBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_HANDLER = "apps.accounts.lockout.AxesHandler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = env.number("SIGN_IN_FAILURES", default=10, low=1, high=1000)
AXES_COOLOFF_TIME = timedelta(
    minutes=env.number("SIGN_IN_LOCK_MINUTES", default=15, low=1, high=1440)
)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "apps.core.http.client_ip.of_request"
AXES_CLIENT_STR_CALLABLE = "apps.accounts.lockout.client_label"
AXES_LOCKOUT_CALLABLE = "apps.accounts.lockout.lockout_response"
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
if not REDIS_URL:  # one process, so its own memory is what counts
    SILENCED_SYSTEM_CHECKS = ["axes.W001"]
# Of one address, whole schools and load tests share one; the last four are of one process.
RATE_LIMITS = {
    "sign_up": env.rate("RATE_LIMIT_SIGN_UP", default="3000/hour"),
    "sign_in": env.rate("RATE_LIMIT_SIGN_IN", default="3000/hour"),
    "writes": env.rate("RATE_LIMIT_WRITES", default="1200/minute"),  # of one user
    "sync": env.rate("RATE_LIMIT_SYNC", default="30/minute"),  # of one socket
    "security_records": "10/minute",
    "unknown_sign_ins": "60/minute",
    "csp_reports": "30/minute",
}
API_TOKEN_DAYS = env.number("API_TOKEN_DAYS", default=30, low=1, high=366)

# --- Payments: each provider declares its settings; without keys the sandbox takes its place ------
for provider in PROVIDERS.values():
    globals().update({name: env.text(name) for name in provider.credentials})
    api_base = env.url(provider.api_base_setting, "http", "https")
    globals()[provider.api_base_setting] = api_base or provider.api_base
    env.together(*provider.credentials)
    env.needs(provider.credentials[0], "PUBLIC_URL")  # payers return to it
PAYMENT_TIMEOUT_SECONDS = env.number("PAYMENT_TIMEOUT_SECONDS", default=10, low=1, high=60)
PAYMENT_GIVE_UP_MINUTES = env.number("PAYMENT_GIVE_UP_MINUTES", default=20, low=1, high=10_000)

# --- Security -------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "connect-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "frame-src": ["'none'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "report-uri": ["/csp-report"],
    }
}
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.flag("SECURE_COOKIES", default=False)
# Probes and /metrics/ are answered before Django, so they are never redirected.
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=False)
SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", default=0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS >= 31_536_000
behind_proxy = env.flag("BEHIND_TLS_PROXY", default=False)
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", default=int(behind_proxy), high=10)
if behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Pages ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
LOGIN_URL = "sign_in"
STATIC_URL = "/static/"
STATIC_ROOT = env.text("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))

env.check()
