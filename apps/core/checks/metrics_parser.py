"""The metrics page as a check reads it, and the names that MONITORING.md says are on it."""

from prometheus_client.parser import text_string_to_metric_families

BY_METHOD = "django_http_requests_total_by_method"
QUERIES = "django_db_query_total"
# As samples: of a histogram, one of its series.
GUIDES_NAMES = (
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
    "tournament_registrations_total",
    "matches_completed_total",
    "payments_processed_total",
    "coins_awarded_total",
)
Samples = dict[str, float]


def samples(page: str) -> Samples:
    """The sum over all labels of each name. Raises ValueError where it is no such page."""
    totals: Samples = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            totals[sample.name] = totals.get(sample.name, 0) + sample.value
    return totals


def fault(status: int, *, token: bool) -> str:
    """What a status other than 200 says of the page; `token` is whether one was sent."""
    match status:
        case 401 | 403 if token:
            return f"answered {status}: the token is not the right one."
        case 401 | 403:
            return "wants its token: give --token or METRICS_TOKEN."
        case 404:
            return "answered 404: is ENABLE_PROMETHEUS 0 there, or PROMETHEUS_METRICS_PATH another?"
    return f"answered {status}."
