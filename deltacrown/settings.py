"""All settings. `.env.example` lists the environment variables that they are read from."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from apps.core import sentry
from apps.core.logging import config as logging_config
from apps.core.logging import setup as logging_setup
from apps.payments import gateways
from deltacrown.environment import load
from deltacrown.schedule import CELERY_BEAT_SCHEDULE  # noqa: F401 a setting

BASE_DIR = Path(__file__).resolve().parent.parent
env = load(BASE_DIR, gateways.PROVIDERS.values())

DEBUG = env.DEBUG
SECRET_KEY = env.SECRET_KEY
SECRET_KEY_FALLBACKS = env.SECRET_KEY_FALLBACKS
AUDIT_KEY = env.AUDIT_KEY
AUDIT_KEY_FALLBACKS = env.AUDIT_KEY_FALLBACKS
ALLOWED_HOSTS = env.ALLOWED_HOSTS
CSRF_TRUSTED_ORIGINS = env.CSRF_TRUSTED_ORIGINS

# --- Monitoring -----------------------------------------------------------------------------------
ENABLE_PROMETHEUS = env.ENABLE_PROMETHEUS
PROMETHEUS_METRICS_PATH = env.PROMETHEUS_METRICS_PATH
METRICS_TOKEN = env.METRICS_TOKEN
METRICS_MAX_TOURNAMENTS = env.METRICS_MAX_TOURNAMENTS
METRICS_RETIRE_SECONDS = env.METRICS_RETIRE_SECONDS
WEBSOCKET_LABEL = "tournament_id"
CONTEXT_FIELDS = ("user_id", "tournament_id")
CHECK_LOAD_PATH = "/api/tournaments/"
CHECK_METRICS = (
    "tournament_registrations_total",
    "matches_completed_total",
    "payments_processed_total",
    "coins_awarded_total",
)
WS_WARN_CONNECTIONS = env.WS_WARN_CONNECTIONS
WORKER_METRICS_HOST = env.WORKER_METRICS_HOST
WORKER_METRICS_PORT = env.WORKER_METRICS_PORT
PROMETHEUS_LATENCY_BUCKETS = (
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, float("inf"),
)  # fmt: skip

SENTRY_DSN = env.SENTRY_DSN
SENTRY_ENVIRONMENT = env.SENTRY_ENVIRONMENT or ("development" if DEBUG else "production")
RELEASE = env.SENTRY_RELEASE
SENTRY_TAGS = ("tournament_id", "match_id")
sentry.init(
    dsn=SENTRY_DSN,
    environment=SENTRY_ENVIRONMENT,
    release=RELEASE or None,
    traces_sample_rate=sentry.sample_rate(SENTRY_ENVIRONMENT, env.SENTRY_TRACES_SAMPLE_RATE),
    profiles_sample_rate=sentry.sample_rate(SENTRY_ENVIRONMENT, env.SENTRY_PROFILES_SAMPLE_RATE),
    tags=SENTRY_TAGS,
    send_usernames=env.SENTRY_SEND_USERNAMES,
)

LOGGING_CONFIG = "apps.core.logging.config.configure"
LOGGING = logging_config.config(
    format=env.LOG_FORMAT or ("console" if DEBUG else "json"),
    levels=env.LOG_LEVEL,
    file=str(BASE_DIR / env.LOG_FILE) if env.LOG_FILE else "",
    stream=logging_setup.stream(),
)
# What the deployment checklist asks for and only the operator knows (`manage.py check --deploy`)
PUBLIC_URL = env.PUBLIC_URL
LOG_AGGREGATION = env.LOG_AGGREGATION
ALERTMANAGER_SECRETS = {
    "PAGERDUTY_KEY_FILE": env.PAGERDUTY_KEY_FILE,
    "SLACK_URL_FILE": env.SLACK_URL_FILE,
}

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
WEB_THREADS = env.WEB_THREADS
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

# --- Data -----------------------------------------------------------------------------------------
_backends = "django_prometheus.db.backends" if ENABLE_PROMETHEUS else "django.db.backends"
DB_HOST = env.DB_HOST
DB_POOL_SIZE = env.DB_POOL_SIZE or WEB_THREADS + 4
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": f"{_backends}.postgresql",
        "NAME": env.DB_NAME,
        "USER": env.DB_USER,
        "PASSWORD": env.DB_PASSWORD,
        "HOST": DB_HOST,
        "PORT": env.DB_PORT,
        "OPTIONS": {
            "connect_timeout": 2,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
            "options": "-c statement_timeout=10000 -c lock_timeout=5000",
            # A command has one thread, and reports immediately why it has no connection.
            "pool": not logging_setup.is_command()
            and {"min_size": 1, "max_size": DB_POOL_SIZE, "timeout": 5},
        },
    }
    if DB_HOST
    else {
        "ENGINE": f"{_backends}.sqlite3",
        "NAME": env.SQLITE_PATH or str(BASE_DIR / "db.sqlite3"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 10,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.REDIS_URL
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
CELERY_WORKER_MAX_TASKS_PER_CHILD = env.WORKER_TASKS_PER_CHILD or None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}

# --- Tournaments ----------------------------------------------------------------------------------
REGISTRATION_PAY_MINUTES = env.REGISTRATION_PAY_MINUTES

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
AXES_FAILURE_LIMIT = env.SIGN_IN_FAILURES
AXES_COOLOFF_TIME = timedelta(minutes=env.SIGN_IN_LOCK_MINUTES)
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
    "sign_up": env.RATE_LIMIT_SIGN_UP,
    "sign_in": env.RATE_LIMIT_SIGN_IN,
    "writes": env.RATE_LIMIT_WRITES,  # of one user
    "sync": env.RATE_LIMIT_SYNC,  # of one socket
    "security_records": "10/minute",
    "unknown_sign_ins": "60/minute",
    "csp_reports": "30/minute",
    "webhook_verifications": "600/minute",  # of one address, in one process
}
API_TOKEN_DAYS = env.API_TOKEN_DAYS

# --- Payments: each provider declares its settings; without keys the sandbox takes its place ------
for provider in gateways.PROVIDERS.values():
    for name in (*provider.credentials, provider.api_base_setting):
        globals()[name] = getattr(env, name)
PAYMENT_TIMEOUT_SECONDS = env.PAYMENT_TIMEOUT_SECONDS
PAYMENT_GIVE_UP_MINUTES = env.PAYMENT_GIVE_UP_MINUTES

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
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.SECURE_COOKIES
# Probes and /metrics/ are answered before Django, so they are never redirected.
SECURE_SSL_REDIRECT = env.SECURE_SSL_REDIRECT
SECURE_HSTS_SECONDS = env.SECURE_HSTS_SECONDS
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS >= 31_536_000
TRUSTED_PROXIES = int(env.BEHIND_TLS_PROXY) if env.TRUSTED_PROXIES is None else env.TRUSTED_PROXIES
if env.BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Pages ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
LOGIN_URL = "sign_in"
STATIC_URL = "/static/"
STATIC_ROOT = env.STATIC_ROOT or str(BASE_DIR / "staticfiles")
