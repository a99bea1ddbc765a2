"""Security: sign-in attempts, rejected requests and rate limits."""

from grafana.dashboard import dashboard, processes
from grafana.panels import stat, timeseries
from grafana.queries import PROCESS, within
from grafana.shapes import Query

TILES = [
    stat(
        "Last audit verification",
        "Time since audit streams were last verified.",
        "time() - max(audit_verified_timestamp_seconds > 0)",
        unit="s",
        alert="AuditUnverified",
        empty="Not verified yet",
        see="business",
    ),
    stat(
        "Lockouts",
        "Sign-in attempts within an hour that were rejected after too many wrong passwords.",
        within("1h", "sign_ins_total", f'result="locked_out",{PROCESS}'),
    ),
    stat(
        "403 responses",
        "Requests answered with 403 within an hour.",
        within("1h", "permissions_refused_total", PROCESS),
        see="http",
    ),
    stat(
        "Rate limits not enforced",
        "Requests accepted within an hour without a rate limit because Redis did not respond.",
        within("1h", "rate_limits_unchecked_total", PROCESS),
        see="redis-postgres",
    ),
]
PANELS = [
    timeseries(
        "Sign-in attempts",
        "Attempts per 5 minutes on pages, in the admin and for tokens, by result.",
        Query(within("5m", "sign_ins_total", PROCESS, by="result"), "{{result}}"),
        colors={"succeeded": "green", "failed": "orange", "locked_out": "red"},
    ),
    timeseries(
        "Throttled requests",
        "429 responses and rejected socket messages per 5 minutes, by limit.",
        Query(within("5m", "rate_limited_total", PROCESS, by="limit"), "{{limit}}"),
        empty="No throttled requests",
    ),
    timeseries(
        "Unrecorded security events",
        "Security events beyond the limit per minute of the audit trail, which are only counted.",
        Query(within("5m", "security_events_unrecorded_total", PROCESS, by="event"), "{{event}}"),
        empty="All security events are recorded",
    ),
    timeseries(
        "Rejected scrapes",
        "Scrapes per 5 minutes rejected with 401 (invalid token) or 503 (too many at the same "
        "time), possibly of Prometheus itself.",
        Query(within("5m", "metrics_scrapes_refused_total", PROCESS, by="status"), "{{status}}"),
        empty="No rejected scrapes",
    ),
]
BOARD = dashboard(
    "security",
    "Security",
    "Sign-in attempts, rejected requests and rate limits. The audit trail has the users.",
    [*TILES, *PANELS],
    variables=processes("web"),
)
