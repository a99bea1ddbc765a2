"""Accounts: who tries to sign in, who is refused, and what is done too often."""

from grafana.dashboard import dashboard, instances
from grafana.panels import stat, timeseries
from grafana.shapes import Json, Query

HERE = 'job="web",instance=~"$instance"'


def board() -> Json:
    return dashboard(
        "security",
        "Security",
        "Attempts to sign in, refusals, and limits. Who it was is in the audit trail.",
        [*tiles(), *panels()],
        [instances("web")],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Audit trail verified",
            "How long ago some of its chains were, those first that were not for longest.",
            Query("time() - max(audit_verified_timestamp_seconds > 0)", "ago"),
            unit="s",
            width=6,
            alert="AuditUnverified",
        ),
        stat(
            "Locked out",
            "Within an hour, attempts to sign in after too many wrong passwords for one name.",
            Query(_within('sign_ins_total{result="locked_out",%s}', "1h"), "locked out"),
            unit="short",
            width=6,
        ),
        stat(
            "Refused",
            "Within an hour, requests answered with a 403.",
            Query(_within("permissions_refused_total{%s}", "1h"), "refused"),
            unit="short",
            width=6,
        ),
        stat(
            "Not counted",
            "Within an hour, what was let through as Redis, which counts, did not answer.",
            Query(_within("rate_limits_unchecked_total{%s}", "1h"), "not counted"),
            unit="short",
            width=6,
        ),
    ]


def panels() -> list[Json]:
    return [
        timeseries(
            "Attempts to sign in",
            "On pages, in the admin and for tokens, by how they ended, within each five minutes.",
            Query(_within("sign_ins_total{%s}", "5m", by="result"), "{{result}}"),
            unit="short",
            width=12,
            colors={"succeeded": "green", "failed": "orange", "locked_out": "red"},
        ),
        timeseries(
            "Too often",
            "Answered with a 429, or an error on a socket, by limit, within each five minutes.",
            Query(_within("rate_limited_total{%s}", "5m", by="limit"), "{{limit}}"),
            unit="short",
            width=12,
        ),
        timeseries(
            "Security events without a record",
            "A stream of the audit trail takes so many a minute; the rest is counted only.",
            Query(_within("security_events_unrecorded_total{%s}", "5m", by="event"), "{{event}}"),
            unit="short",
            width=12,
        ),
        timeseries(
            "Metrics pages refused",
            "Without the right token (401), or with too many at once (503), within each five "
            "minutes. Prometheus itself is among them where its target is down.",
            Query(_within("metrics_scrapes_refused_total{%s}", "5m", by="status"), "{{status}}"),
            unit="short",
            width=12,
        ),
    ]


def _within(series: str, window: str, *, by: str = "") -> str:
    summed = f"sum by ({by})" if by else "sum"
    return f"round({summed} (increase({series % HERE}[{window}])))"
