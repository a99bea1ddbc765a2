"""The monitoring itself: targets, probes, rules and notifications."""

from grafana.dashboard import dashboard
from grafana.panels import stat, timeline, timeseries
from grafana.queries import FIRING, rate, top_values, within
from grafana.shapes import Query, Row
from grafana.thresholds import ORANGE_FROM_1, RED_FROM_1, UP

SLOWEST_GROUPS = top_values("max by (rule_group)", "prometheus_rule_group_last_duration_seconds")
FAILED = "alertmanager_notifications_failed_total"

TILES = [
    stat(
        "Watchdog",
        "An alert that always fires. If it is missing, no alert is delivered.",
        'count(ALERTS{alertname="Watchdog",alertstate="firing"})',
        texts={"1": "fires"},
        steps=UP,
        empty="SILENT",
    ),
    stat(
        "Targets down",
        "Targets that Prometheus cannot scrape.",
        "count(up == 0) or vector(0)",
        steps=RED_FROM_1,
    ),
    stat("Firing alerts", "Firing alerts, without the Watchdog.", FIRING, steps=RED_FROM_1),
    stat(
        "Failed rules",
        "Rule evaluations that failed within an hour. Such a rule cannot fire.",
        within("1h", "prometheus_rule_evaluation_failures_total"),
        steps=ORANGE_FROM_1,
    ),
    stat(
        "Failed notifications",
        "Notifications to PagerDuty or Slack that failed within 15 minutes.",
        Query(
            within("15m", FAILED, 'integration=~"pagerduty|slack"', by="integration"),
            "{{integration}}",
        ),
        alert="NotificationsFail",
    ),
    stat(
        "Active series",
        "Time series in the memory of Prometheus.",
        "max(prometheus_tsdb_head_series)",
    ),
]
TARGETS = [
    timeline(
        "Up",
        "Whether the last scrape of the target succeeded.",
        Query("min by (job, instance) (up)", "{{job}} {{instance}}"),
    ),
    timeseries(
        "Scrape duration",
        "Time of the slowest scrape of each job: the ten slowest jobs.",
        Query(top_values("max by (job)", "scrape_duration_seconds"), "{{job}}"),
        unit="s",
    ),
    timeseries(
        "Samples by target",
        "Samples per scrape of the ten largest targets. Steady growth indicates an unbounded "
        "label.",
        Query(
            top_values("max by (job, instance)", "scrape_samples_post_metric_relabeling"),
            "{{job}} {{instance}}",
        ),
    ),
]
PROBES = [
    timeline(
        "Probes",
        "Whether the last probe of the blackbox exporter succeeded.",
        Query("probe_success", "{{instance}}"),
    ),
    timeseries(
        "Probe duration",
        "Response time of liveness and readiness, independent of the worker threads.",
        Query("probe_duration_seconds", "{{instance}}"),
        unit="s",
    ),
    timeseries(
        "Certificates",
        "Time until the certificates expire.",
        Query("probe_ssl_earliest_cert_expiry - time()", "{{instance}}"),
        unit="s",
        alert="CertificateExpires",
        empty="No TLS targets",
    ),
]
RULES = [
    timeseries(
        "Rule evaluation duration",
        "Evaluation time of each rule group. It must be shorter than the interval.",
        Query(
            f'label_replace({SLOWEST_GROUPS}, "group", "$1", "rule_group", ".*;(.*)")', "{{group}}"
        ),
        unit="s",
    ),
    timeseries(
        "Firing alerts by name",
        "Firing alerts, including the Watchdog.",
        Query('count by (alertname) (ALERTS{alertstate="firing"})', "{{alertname}}"),
        bars=True,
        empty="No alert, not even the Watchdog",
    ),
    timeseries(
        "Notifications",
        "Notifications sent and failed by Alertmanager, and alerts that Prometheus could not send "
        "to it.",
        Query(rate("alertmanager_notifications_total"), "sent"),
        Query(rate(FAILED), "failed"),
        Query(rate("prometheus_notifications_dropped_total"), "dropped"),
        unit="ops",
        colors={"failed": "red", "dropped": "orange"},
    ),
    timeseries(
        "New series by job",
        "Series that were not in the previous scrape. A steady rate is churn and costs memory.",
        Query(top_values("sum by (job)", "scrape_series_added"), "{{job}}"),
    ),
]
BOARD = dashboard(
    "monitoring",
    "Monitoring itself",
    "Whether Prometheus reaches its targets, rules are evaluated and notifications are delivered.",
    [*TILES, *TARGETS],
    rows=[Row("Probes", PROBES), Row("Rules and alerts", RULES)],
)
