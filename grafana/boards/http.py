"""HTTP: rate, errors and duration of requests, and worker threads."""

from grafana.dashboard import dashboard, instances, row, variable
from grafana.panels import STATUSES, heatmap, stat, table, timeseries
from grafana.queries import RATE, buckets, percentiles, quantile
from grafana.shapes import Json, Query, Step

WEB = 'job="web",instance=~"$instance"'
SELECTED = f'{WEB},view=~"$view"'
LATENCY = "django_http_requests_latency_seconds"
BY_METHOD = "django_http_requests_total_by_method"
BY_VIEW = "django_http_responses_total_by_status_view_method_total"
REQUESTS = f"sum(rate({BY_METHOD}{{{WEB}}}[5m]))"
ERRORS = f'sum(rate({BY_METHOD}{{status=~"5..",{WEB}}}[5m]))'
VIEWS = variable("view", "View", f"label_values({BY_VIEW}, view)")


def board() -> Json:
    return dashboard(
        "http",
        "HTTP",
        "Rate, errors and duration of requests by view and status, and worker threads.",
        [
            *tiles(),
            *red(),
            row("Worker threads"),
            *threads(),
            row("By view"),
            *by_view(),
            row("Exceptions and bodies"),
            *exceptions(),
        ],
        [instances("web"), VIEWS],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Requests",
            "Completed requests per second.",
            Query(REQUESTS, "requests"),
            unit="reqps",
            width=6,
        ),
        stat(
            "Server errors",
            "Requests per second with a 5xx status.",
            Query(ERRORS, "server errors"),
            unit="reqps",
            width=6,
            alert="HighErrorRate",
        ),
        stat(
            "Error ratio",
            "Share of requests with a 5xx status. The objective allows 0.1 %.",
            Query(f"{ERRORS} / ({REQUESTS} > 0)", "error ratio"),
            unit="percentunit",
            width=6,
            steps=[Step(None, "green"), Step(0.001, "orange"), Step(0.0144, "red")],
            empty="no requests",
            see="slo",
        ),
        stat(
            "Response time, p95",
            "95th percentile of the response time, including middleware.",
            Query(quantile(0.95, LATENCY, WEB), "p95", exemplars=True),
            unit="s",
            width=6,
            alert="HighResponseTime",
        ),
    ]


def red() -> list[Json]:
    return [
        timeseries(
            "Requests by status",
            "Completed requests, by status. Probes and scrapes are excluded.",
            Query(f"sum by (status) (rate({BY_VIEW}{{{SELECTED}}}{RATE}))", "{{status}}"),
            unit="reqps",
            stacked=True,
            colors=STATUSES,
        ),
        timeseries(
            "Latency",
            "Median, 95th and 99th percentile of the response time. A diamond is one request and "
            "links to its log lines.",
            *percentiles(LATENCY, WEB, exemplars=True),
            unit="s",
            alert="HighResponseTime",
        ),
        heatmap(
            "Latency heatmap",
            "Number of requests by response time.",
            Query(buckets(LATENCY, WEB), "{{le}}", exemplars=True),
            unit="s",
        ),
    ]


def by_view() -> list[Json]:
    rate = f"sum by (view) (rate({BY_VIEW}{{{SELECTED}}}[5m]))"
    errors = f'sum by (view) (rate({BY_VIEW}{{status=~"5..",{SELECTED}}}[5m]))'
    p95 = quantile(0.95, f"{LATENCY}_by_view_method", SELECTED, by="view")
    return [
        timeseries(
            "Requests by view",
            'Completed requests, by view. "<unnamed view>" are unknown paths.',
            Query(rate, "{{view}}"),
            unit="reqps",
        ),
        timeseries(
            "Response time by view, p95",
            "95th percentile of the response time, by view.",
            Query(p95, "{{view}}", exemplars=True),
            unit="s",
            alert="HighResponseTime",
        ),
        timeseries(
            "4xx and 5xx by view",
            "Responses with a 4xx or 5xx status, by view.",
            Query(
                f'sum by (view, status) (rate({BY_VIEW}{{status=~"[45]..",{SELECTED}}}{RATE})) > 0',
                "{{status}} {{view}}",
            ),
            unit="reqps",
        ),
        table(
            "Views",
            "Rate, errors and duration of each view in the last 5 minutes.",
            Query(rate, "Requests"),
            Query(f"{errors} or 0 * {rate}", "Server errors"),
            Query(p95, "Response time, p95"),
            by="view",
            unit="reqps",
            units={"Response time, p95": "s"},
        ),
    ]


def threads() -> list[Json]:
    return [
        timeseries(
            "Busy threads",
            "Worker threads that run a request, and their limit, by process.",
            Query(f"web_threads_busy{{{WEB}}}", "busy, {{instance}}"),
            limit=Query(f"web_threads_limit{{{WEB}}}", "limit, {{instance}}"),
        ),
        timeseries(
            "Queued requests",
            "Requests waiting for a thread. At the limit, further requests are rejected with 503.",
            Query(f"web_jobs_waiting{{{WEB}}}", "waiting, {{instance}}"),
            limit=Query(f"web_jobs_limit{{{WEB}}}", "limit, {{instance}}"),
        ),
        timeseries(
            "Rejected requests",
            "Requests rejected with 503 within 5 minutes because the queue was full.",
            Query(
                f"round(sum by (instance) (increase(web_requests_refused_total{{{WEB}}}[5m])))",
                "{{instance}}",
            ),
            alert="WebOverloaded",
        ),
    ]


def exceptions() -> list[Json]:
    return [
        timeseries(
            "Exceptions by type",
            "Exceptions that left a view, including those that become a 4xx. No data means none.",
            Query(
                f"sum by (type) (rate(django_http_exceptions_total_by_type_total{{{WEB}}}{RATE}))",
                "{{type}}",
            ),
            unit="ops",
            bars=True,
            stacked=True,
        ),
        timeseries(
            "Exceptions by view",
            "Exceptions by the view that raised them.",
            Query(
                f"sum by (view) (rate(django_http_exceptions_total_by_view_total{{{WEB}}}{RATE}))",
                "{{view}}",
            ),
            unit="ops",
            bars=True,
            stacked=True,
        ),
        timeseries(
            "Body size, p95",
            "95th percentile of the size of request and response bodies.",
            *(
                Query(quantile(0.95, f"django_http_{name}_body_total_bytes", WEB), name)
                for name in ("requests", "responses")
            ),
            unit="bytes",
        ),
    ]
