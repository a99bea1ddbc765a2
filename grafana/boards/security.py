"""Security: sign-in attempts, rejected requests and rate limits."""

from grafana.dashboard import dashboard, instances
from grafana.panels import stat, timeseries
from grafana.shapes import Json, Query

WEB = 'job="web",instance=~"$instance"'


def board() -> Json:
    return dashboard(
        "security",
        "Security",
        "Sign-in attempts, rejected requests and rate limits. The audit trail has the users.",
        [*tiles(), *panels()],
        [instances("web")],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Last audit verification",
            "Time since audit streams were last verified.",
            Query("time() - max(audit_verified_timestamp_seconds > 0)", "age"),
            unit="s",
            width=6,
            alert="AuditUnverified",
        ),
        stat(
            "Lockouts",
            "Sign-in attempts within an hour that were rejected after too many wrong passwords.",
            Query(_within('sign_ins_total{result="locked_out",%s}', "1h"), "locked out"),
            width=6,
        ),
        stat(
            "403 responses",
            "Requests answered with 403 within an hour.",
            Query(_within("permissions_refused_total{%s}", "1h"), "rejected"),
            width=6,
        ),
        stat(
            "Rate limits not enforced",
            "Requests accepted within an hour without a rate limit because Redis did not respond.",
            Query(_within("rate_limits_unchecked_total{%s}", "1h"), "not enforced"),
            width=6,
        ),
    ]


def panels() -> list[Json]:
    return [
        timeseries(
            "Sign-in attempts",
            "Attempts per 5 minutes on pages, in the admin and for tokens, by result.",
            Query(_within("sign_ins_total{%s}", "5m", by="result"), "{{result}}"),
            width=12,
            colors={"succeeded": "green", "failed": "orange", "locked_out": "red"},
        ),
        timeseries(
            "Throttled requests",
            "429 responses and rejected socket messages per 5 minutes, by limit.",
            Query(_within("rate_limited_total{%s}", "5m", by="limit"), "{{limit}}"),
            width=12,
        ),
        timeseries(
            "Unrecorded security events",
            "Security events beyond the limit per minute of the audit trail, which are only "
            "counted.",
            Query(_within("security_events_unrecorded_total{%s}", "5m", by="event"), "{{event}}"),
            width=12,
        ),
        timeseries(
            "Rejected scrapes",
            "Scrapes per 5 minutes rejected with 401 (invalid token) or 503 (too many at the same"
            " time), possibly of Prometheus itself.",
            Query(_within("metrics_scrapes_refused_total{%s}", "5m", by="status"), "{{status}}"),
            width=12,
        ),
    ]


def _within(series: str, window: str, *, by: str = "") -> str:
    summed = f"sum by ({by})" if by else "sum"
    return f"round({summed} (increase({series % WEB}[{window}])))"
