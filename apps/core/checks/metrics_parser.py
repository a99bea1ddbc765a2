"""Reads a metrics page, and lists the names that checks expect on it."""

from prometheus_client.parser import text_string_to_metric_families

from apps.core.conf import conf

BY_METHOD = "django_http_requests_total_by_method"
QUERIES = "django_db_query_total"
# Sample names: of a histogram, one of its series.
KIT_NAMES = (
    BY_METHOD,
    "django_http_requests_latency_seconds_bucket",
    "django_http_requests_total_by_view_transport_method",
    "django_http_requests_body_total_bytes_bucket",
    QUERIES,
    "django_db_execute_total",
    "django_db_errors_total",
    "ws_connections_active",
    "ws_connections_total",
    "ws_connection_failures_total",
    "ws_messages_received_total",
    "ws_messages_sent_total",
    "ws_message_latency_seconds_bucket",
)
Samples = dict[str, float]


def expected_names() -> tuple[str, ...]:
    return (*KIT_NAMES, *conf.CHECK_METRICS)


def samples(page: str) -> Samples:
    """The sum over all labels of each name. Raises ValueError if it is not a metrics page."""
    totals: Samples = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            totals[sample.name] = totals.get(sample.name, 0) + sample.value
    return totals


def explain_status(status: int, *, token: bool) -> str:
    """What a status other than 200 means; `token` is whether one was sent."""
    match status:
        case 401 | 403 if token:
            return f"responds with {status}: the token is wrong."
        case 401 | 403:
            return "requires a token: pass --token or set METRICS_TOKEN."
        case 404:
            return "responds with 404: check ENABLE_PROMETHEUS and PROMETHEUS_METRICS_PATH there."
    return f"responds with {status}."
