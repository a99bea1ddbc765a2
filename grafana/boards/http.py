"""HTTP: rate, errors and duration of requests, and worker threads."""

from grafana.dashboard import dashboard, processes, variable
from grafana.panels import STATUSES, heatmap, stat, table, timeseries
from grafana.queries import PROCESS, buckets, percentiles, quantile, rate, ratio, top, within
from grafana.shapes import Link, Query, Row, Step

LATENCY = "django_http_requests_latency_seconds"
LATENCY_BY_VIEW = "django_http_requests_latency_seconds_by_view_method"
BY_METHOD = "django_http_requests_total_by_method"
BY_VIEW = "django_http_responses_total_by_status_view_method_total"
SELECTED = f'view=~"$view",{PROCESS}'
FAILED = f'status=~"5..",{SELECTED}'
VIEWS = variable("view", "View", f"label_values({BY_VIEW}, view)")
ONE_VIEW = Link("http", {"view": "view"})

REQUESTS = rate(BY_VIEW, SELECTED, window="[5m]")
ERRORS = f"({rate(BY_VIEW, FAILED, window='[5m]')} or 0 * {REQUESTS})"
ALL_ERRORS = rate(BY_METHOD, f'status=~"5..",{PROCESS}', window="[5m]")
VIEW_REQUESTS = rate(BY_VIEW, SELECTED, by="view", window="[5m]")
VIEW_ERRORS = rate(BY_VIEW, FAILED, by="view", window="[5m]")
VIEW_P95 = quantile(0.95, LATENCY_BY_VIEW, SELECTED, by="view")

TILES = [
    stat("Requests", "Completed requests per second.", REQUESTS, unit="reqps"),
    stat(
        "Server errors",
        "Requests per second with a 5xx status.",
        ERRORS,
        unit="reqps",
        alert="HighErrorRate",
        see="logs",
    ),
    stat(
        "Error ratio",
        "Share of requests with a 5xx status. The objective allows 0.1 %.",
        ratio(ERRORS, REQUESTS),
        unit="percentunit",
        steps=[Step(None, "green"), Step(0.001, "orange"), Step(0.0144, "red")],
        empty="No requests",
        see="slo",
    ),
    stat(
        "Response time, p95",
        "95th percentile of the response time of the views, without middleware.",
        Query(quantile(0.95, LATENCY_BY_VIEW, SELECTED), "p95", exemplars=True),
        unit="s",
        alert="HighResponseTime",
        empty="No requests",
    ),
]
RED = [
    timeseries(
        "Requests by status",
        "Completed requests, by status. Probes and scrapes are excluded.",
        Query(rate(BY_VIEW, SELECTED, by="status"), "{{status}}"),
        unit="reqps",
        stacked=True,
        colors=STATUSES,
    ),
    timeseries(
        "Server errors: selected and all views",
        "Requests with a 5xx status. The alert uses the sum of all views.",
        Query(ERRORS, "selected views"),
        Query(ALL_ERRORS, "all views"),
        unit="reqps",
        alert="HighErrorRate",
        see="logs",
    ),
    timeseries(
        "Latency",
        "Response time of the selected views, and of all views including middleware. A diamond is "
        "one request and links to its log lines.",
        *percentiles(LATENCY_BY_VIEW, SELECTED, exemplars=True),
        Query(quantile(0.95, LATENCY, PROCESS), "p95 of all views"),
        unit="s",
        alert="HighResponseTime",
        empty="No requests",
    ),
]
THREADS = [
    timeseries(
        "Busy threads",
        "Worker threads that run a request, and their limit, by process.",
        Query(f"web_threads_busy{{{PROCESS}}}", "busy, {{instance}}"),
        limit=Query(f"web_threads_limit{{{PROCESS}}}", "limit, {{instance}}"),
    ),
    timeseries(
        "Queued requests",
        "Requests waiting for a thread. At the limit, further requests are rejected with 503.",
        Query(f"web_jobs_waiting{{{PROCESS}}}", "waiting, {{instance}}"),
        limit=Query(f"web_jobs_limit{{{PROCESS}}}", "limit, {{instance}}"),
    ),
    timeseries(
        "Rejected requests",
        "Requests rejected with 503 within 5 minutes because the queue was full.",
        Query(within("5m", "web_requests_refused_total", PROCESS, by="instance"), "{{instance}}"),
        alert="WebOverloaded",
    ),
]
VIEW_PANELS = [
    timeseries(
        "Requests by view",
        'The ten views with the most requests. "<unnamed view>" are unknown paths.',
        Query(top(VIEW_REQUESTS), "{{view}}"),
        unit="reqps",
        see=ONE_VIEW,
    ),
    timeseries(
        "Response time by view, p95",
        "95th percentile of the response time of the ten slowest views.",
        Query(top(VIEW_P95), "{{view}}", exemplars=True),
        unit="s",
        alert="HighResponseTime",
        empty="No requests",
        see=ONE_VIEW,
    ),
    timeseries(
        "4xx and 5xx by view",
        "Responses with a 4xx or 5xx status: the ten most frequent.",
        Query(
            top(rate(BY_VIEW, f'status=~"[45]..",{SELECTED}', by="view, status")),
            "{{status}} {{view}}",
        ),
        unit="reqps",
        empty="No 4xx or 5xx responses",
        see=ONE_VIEW,
    ),
    table(
        "Views",
        "Rate, errors and duration of each view in the last 5 minutes.",
        Query(VIEW_REQUESTS, "Requests"),
        Query(f"{VIEW_ERRORS} or 0 * {VIEW_REQUESTS}", "Server errors"),
        Query(VIEW_P95, "Response time, p95"),
        by="view",
        unit="reqps",
        units={"Response time, p95": "s"},
        see=ONE_VIEW,
    ),
]
DETAIL = [
    heatmap(
        "Latency heatmap",
        "Number of requests by response time.",
        Query(buckets(LATENCY_BY_VIEW, SELECTED), "{{le}}", exemplars=True),
        unit="s",
    ),
    timeseries(
        "Exceptions by view",
        "Exceptions by the view that raised them.",
        Query(rate("django_http_exceptions_total_by_view_total", SELECTED, by="view"), "{{view}}"),
        unit="ops",
        bars=True,
        empty="No exceptions",
        see="logs",
    ),
    timeseries(
        "Exceptions by type",
        "Exceptions that left a view, including those that become a 4xx. Of all views.",
        Query(rate("django_http_exceptions_total_by_type_total", PROCESS, by="type"), "{{type}}"),
        unit="ops",
        bars=True,
        empty="No exceptions",
        see="logs",
    ),
    timeseries(
        "Body size, p95",
        "95th percentile of the size of request and response bodies. Of all views.",
        *(
            Query(quantile(0.95, f"django_http_{name}_body_total_bytes", PROCESS), name)
            for name in ("requests", "responses")
        ),
        unit="bytes",
        empty="No requests",
    ),
]
BOARD = dashboard(
    "http",
    "HTTP",
    "Rate, errors and duration of requests by view and status, and worker threads.",
    [*TILES, *RED],
    rows=[
        Row("Worker threads of all views", THREADS),
        Row("By view", VIEW_PANELS),
        Row("Distribution, exceptions and bodies", DETAIL, collapsed=True),
    ],
    variables=[*processes("web"), VIEWS],
)
