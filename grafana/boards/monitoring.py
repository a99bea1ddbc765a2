"""Who watches the watchers: targets, rules, notifications, and what the series cost."""

from grafana.dashboard import dashboard, row
from grafana.panels import stat, timeseries
from grafana.queries import FIRING, RATE
from grafana.shapes import Json, Query
from grafana.steps import FEW, NONE, UP


def board() -> Json:
    return dashboard(
        "monitoring",
        "Monitoring itself",
        "Whether Prometheus reaches everything, its rules run and its alerts get out.",
        [*tiles(), *targets(), row("Probes"), *probes(), row("Rules and alerts"), *rules()],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Watchdog",
            "An alert that always fires: where it does not arrive, none would.",
            Query('count(ALERTS{alertname="Watchdog",alertstate="firing"})', "Watchdog"),
            unit="short",
            words={"1": "fires"},
            steps=UP,
            empty="SILENT",
        ),
        stat(
            "Targets down",
            "Processes that do not answer Prometheus.",
            Query("count(up == 0) or vector(0)", "down"),
            unit="short",
            steps=NONE,
        ),
        stat(
            "Alerts that fire",
            "Without the Watchdog.",
            FIRING,
            unit="short",
            steps=NONE,
        ),
        stat(
            "Rules that failed",
            "Evaluations that failed within an hour: an alert that cannot fire.",
            Query("round(sum(increase(prometheus_rule_evaluation_failures_total[1h])))", "failed"),
            unit="short",
            steps=FEW,
        ),
        stat(
            "Notifications that failed",
            "Messages to PagerDuty or Slack that Alertmanager could not deliver.",
            Query(
                "round(sum by (integration) (increase("
                'alertmanager_notifications_failed_total{integration=~"pagerduty|slack"}[15m])))',
                "{{integration}}",
            ),
            unit="short",
            alert="NotificationsFail",
        ),
        stat(
            "Series",
            "Time series in Prometheus' memory.",
            Query("max(prometheus_tsdb_head_series)", "series"),
            unit="short",
        ),
    ]


def targets() -> list[Json]:
    return [
        timeseries(
            "Up",
            "1 where the target answered the last scrape.",
            Query("min by (job, instance) (up)", "{{job}} {{instance}}"),
            unit="short",
            maximum=1,
        ),
        timeseries(
            "Scrape duration",
            "How long a target takes to answer.",
            Query("max by (job) (scrape_duration_seconds)", "{{job}}"),
            unit="s",
        ),
        timeseries(
            "Samples by target",
            "How many samples a scrape brings. One that only grows has a label without bounds.",
            Query("scrape_samples_post_metric_relabeling", "{{job}} {{instance}}"),
            unit="short",
        ),
    ]


def rules() -> list[Json]:
    return [
        timeseries(
            "Evaluation of rules",
            "How long each group of rules took; it has to be less than its interval.",
            Query(
                "label_replace(prometheus_rule_group_last_duration_seconds,"
                ' "group", "$1", "rule_group", ".*;(.*)")',
                "{{group}}",
            ),
            unit="s",
        ),
        timeseries(
            "Alerts that fire, by name",
            "What fires, the Watchdog included.",
            Query('count by (alertname) (ALERTS{alertstate="firing"})', "{{alertname}}"),
            unit="short",
            bars=True,
            stacked=True,
        ),
        timeseries(
            "Notifications",
            "Messages sent and failed by Alertmanager, and those that Prometheus could not hand "
            "over to it.",
            Query(
                f"sum(rate(alertmanager_notifications_total{RATE}))",
                "sent",
            ),
            Query(
                f"sum(rate(alertmanager_notifications_failed_total{RATE}))",
                "failed",
            ),
            Query(f"sum(rate(prometheus_notifications_dropped_total{RATE}))", "not handed over"),
            unit="ops",
            colors={"failed": "red", "not handed over": "orange"},
        ),
    ]


def probes() -> list[Json]:
    return [
        timeseries(
            "Probes",
            "1 where the address answered as it should, asked from outside.",
            Query("probe_success", "{{instance}}"),
            unit="short",
            width=6,
            maximum=1,
        ),
        timeseries(
            "Time to answer a probe",
            "How long liveness and readiness take, whatever the worker threads do.",
            Query("probe_duration_seconds", "{{instance}}"),
            unit="s",
            width=6,
        ),
        timeseries(
            "Certificates",
            "How long the certificates are still valid. Without TLS there is none.",
            Query("probe_ssl_earliest_cert_expiry - time()", "{{instance}}"),
            unit="s",
            width=6,
            alert="CertificateExpires",
        ),
        timeseries(
            "New series by job",
            "Series that were not in the scrape before. A steady rate is churn, and costs memory.",
            Query("sum by (job) (scrape_series_added)", "{{job}}"),
            unit="short",
            width=6,
        ),
    ]
