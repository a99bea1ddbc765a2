"""The monitoring itself: targets, probes, rules and notifications."""

from grafana.dashboard import dashboard, row
from grafana.panels import stat, timeseries
from grafana.queries import FIRING, RATE
from grafana.shapes import Json, Query
from grafana.thresholds import ORANGE_FROM_1, RED_FROM_1, UP


def board() -> Json:
    return dashboard(
        "monitoring",
        "Monitoring itself",
        "Whether Prometheus reaches its targets, rules are evaluated and notifications are "
        "delivered.",
        [*tiles(), *targets(), row("Probes"), *probes(), row("Rules and alerts"), *rules()],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Watchdog",
            "An alert that always fires. If it is missing, no alert is delivered.",
            Query('count(ALERTS{alertname="Watchdog",alertstate="firing"})', "Watchdog"),
            mappings={"1": "fires"},
            steps=UP,
            empty="SILENT",
        ),
        stat(
            "Targets down",
            "Targets that Prometheus cannot scrape.",
            Query("count(up == 0) or vector(0)", "down"),
            steps=RED_FROM_1,
        ),
        stat("Firing alerts", "Firing alerts, without the Watchdog.", FIRING, steps=RED_FROM_1),
        stat(
            "Failed rule evaluations",
            "Rule evaluations that failed within an hour. Such a rule cannot fire.",
            Query("round(sum(increase(prometheus_rule_evaluation_failures_total[1h])))", "failed"),
            steps=ORANGE_FROM_1,
        ),
        stat(
            "Failed notifications",
            "Notifications to PagerDuty or Slack that failed within 15 minutes.",
            Query(
                "round(sum by (integration) (increase("
                'alertmanager_notifications_failed_total{integration=~"pagerduty|slack"}[15m])))',
                "{{integration}}",
            ),
            alert="NotificationsFail",
        ),
        stat(
            "Active series",
            "Time series in the memory of Prometheus.",
            Query("max(prometheus_tsdb_head_series)", "series"),
        ),
    ]


def targets() -> list[Json]:
    return [
        timeseries(
            "Up",
            "1 if the last scrape of the target succeeded.",
            Query("min by (job, instance) (up)", "{{job}} {{instance}}"),
            maximum=1,
        ),
        timeseries(
            "Scrape duration",
            "Time to scrape a target.",
            Query("max by (job) (scrape_duration_seconds)", "{{job}}"),
            unit="s",
        ),
        timeseries(
            "Samples by target",
            "Samples per scrape. Steady growth indicates an unbounded label.",
            Query("scrape_samples_post_metric_relabeling", "{{job}} {{instance}}"),
        ),
    ]


def rules() -> list[Json]:
    return [
        timeseries(
            "Rule evaluation duration",
            "Evaluation time of each rule group. It must be shorter than the interval.",
            Query(
                "label_replace(prometheus_rule_group_last_duration_seconds,"
                ' "group", "$1", "rule_group", ".*;(.*)")',
                "{{group}}",
            ),
            unit="s",
        ),
        timeseries(
            "Firing alerts by name",
            "Firing alerts, including the Watchdog.",
            Query('count by (alertname) (ALERTS{alertstate="firing"})', "{{alertname}}"),
            bars=True,
            stacked=True,
        ),
        timeseries(
            "Notifications",
            "Notifications sent and failed by Alertmanager, and alerts that Prometheus could not "
            "send to it.",
            Query(f"sum(rate(alertmanager_notifications_total{RATE}))", "sent"),
            Query(f"sum(rate(alertmanager_notifications_failed_total{RATE}))", "failed"),
            Query(f"sum(rate(prometheus_notifications_dropped_total{RATE}))", "dropped"),
            unit="ops",
            colors={"failed": "red", "dropped": "orange"},
        ),
    ]


def probes() -> list[Json]:
    return [
        timeseries(
            "Probes",
            "1 if the last probe of the blackbox exporter succeeded.",
            Query("probe_success", "{{instance}}"),
            width=6,
            maximum=1,
        ),
        timeseries(
            "Probe duration",
            "Response time of liveness and readiness, independent of the worker threads.",
            Query("probe_duration_seconds", "{{instance}}"),
            unit="s",
            width=6,
        ),
        timeseries(
            "Certificates",
            "Time until the certificates expire. No data without TLS targets.",
            Query("probe_ssl_earliest_cert_expiry - time()", "{{instance}}"),
            unit="s",
            width=6,
            alert="CertificateExpires",
        ),
        timeseries(
            "New series by job",
            "Series that were not in the previous scrape. A steady rate is churn and costs memory.",
            Query("sum by (job) (scrape_series_added)", "{{job}}"),
            width=6,
        ),
    ]
