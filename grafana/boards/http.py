"""HTTP: how many requests, how many fail, how long they take, and whether threads are free."""

from grafana.dashboard import dashboard, instances, row, variable
from grafana.panels import STATUSES, heatmap, stat, table, timeseries
from grafana.queries import RATE, percentiles, quantile, spread
from grafana.shapes import Json, Query, Step

HERE = 'job="web",instance=~"$instance"'
CHOSEN = f'{HERE},view=~"$view"'
LATENCY = "django_http_requests_latency_seconds"
BY_METHOD = "django_http_requests_total_by_method"
BY_VIEW = "django_http_responses_total_by_status_view_method_total"
REQUESTS = f"sum(rate({BY_METHOD}{{{HERE}}}[5m]))"
ERRORS = f'sum(rate({BY_METHOD}{{status=~"5..",{HERE}}}[5m]))'
VIEWS = variable("view", "View", f"label_values({BY_VIEW}, view)")


def board() -> Json:
    return dashboard(
        "http",
        "HTTP",
        "Rate, errors and duration of requests, by view and status; and the worker threads.",
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
            "Requests answered.",
            Query(REQUESTS, "requests"),
            unit="reqps",
            width=6,
        ),
        stat(
            "Server errors",
            "Requests that ended with a 5xx status.",
            Query(ERRORS, "server errors"),
            unit="reqps",
            width=6,
            alert="HighErrorRate",
        ),
        stat(
            "Share of errors",
            "Of all requests, those that ended with a 5xx status. The objective allows 0.1 %.",
            Query(f"{ERRORS} / ({REQUESTS} > 0)", "share of errors"),
            unit="percentunit",
            width=6,
            steps=[Step(None, "green"), Step(0.001, "orange"), Step(0.0144, "red")],
            empty="no requests",
            see="slo",
        ),
        stat(
            "95th percentile",
            "One request in twenty takes longer, middleware included.",
            Query(quantile(0.95, LATENCY, HERE), "p95", exemplars=True),
            unit="s",
            width=6,
            alert="HighResponseTime",
        ),
    ]


def red() -> list[Json]:
    return [
        timeseries(
            "Requests by status",
            "Requests answered, by status. Probes and scrapes are not among them.",
            Query(f"sum by (status) (rate({BY_VIEW}{{{CHOSEN}}}{RATE}))", "{{status}}"),
            unit="reqps",
            stacked=True,
            colors=STATUSES,
        ),
        timeseries(
            "Latency",
            "How long half, 95 % and 99 % of the requests take at most. Diamonds are single "
            "requests: a click leads to their log lines.",
            *percentiles(LATENCY, HERE, exemplars=True),
            unit="s",
            alert="HighResponseTime",
        ),
        heatmap(
            "Latency, all requests",
            "How many requests took how long: a second band is a second kind of request.",
            Query(spread(LATENCY, HERE), "{{le}}", exemplars=True),
            unit="s",
        ),
    ]


def by_view() -> list[Json]:
    rate = f"sum by (view) (rate({BY_VIEW}{{{CHOSEN}}}[5m]))"
    errors = f'sum by (view) (rate({BY_VIEW}{{status=~"5..",{CHOSEN}}}[5m]))'
    p95 = quantile(0.95, f"{LATENCY}_by_view_method", CHOSEN, by="view")
    return [
        timeseries(
            "Requests by view",
            "Requests answered, by view. «<unnamed view>» are paths that are not there.",
            Query(rate, "{{view}}"),
            unit="reqps",
        ),
        timeseries(
            "95th percentile by view",
            "One request in twenty to that view takes longer.",
            Query(p95, "{{view}}", exemplars=True),
            unit="s",
            alert="HighResponseTime",
        ),
        timeseries(
            "Refusals and errors by view",
            "Answers with a 4xx or 5xx status, by view.",
            Query(
                f'sum by (view, status) (rate({BY_VIEW}{{status=~"[45]..",{CHOSEN}}}{RATE})) > 0',
                "{{status}} {{view}}",
            ),
            unit="reqps",
        ),
        table(
            "Views",
            "Rate, errors and duration of each view within five minutes.",
            Query(rate, "Requests"),
            Query(f"{errors} or 0 * {rate}", "Server errors"),
            Query(p95, "95th percentile"),
            by="view",
            unit="reqps",
            units={"95th percentile": "s"},
        ),
    ]


def threads() -> list[Json]:
    return [
        timeseries(
            "Threads at work",
            "Worker threads that run a request, and how many there are, by process.",
            Query(f"web_threads_busy{{{HERE}}}", "busy, {{instance}}"),
            limit=Query(f"web_threads_limit{{{HERE}}}", "limit, {{instance}}"),
            unit="short",
        ),
        timeseries(
            "Requests that wait for a thread",
            "With as many waiting as may, the next request is refused with a 503.",
            Query(f"web_jobs_waiting{{{HERE}}}", "waiting, {{instance}}"),
            limit=Query(f"web_jobs_limit{{{HERE}}}", "limit, {{instance}}"),
            unit="short",
        ),
        timeseries(
            "Requests refused",
            "Within five minutes, requests answered with a 503 as too many were waiting.",
            Query(
                f"round(sum by (instance) (increase(web_requests_refused_total{{{HERE}}}[5m])))",
                "{{instance}}",
            ),
            unit="short",
            alert="WebOverloaded",
        ),
    ]


def exceptions() -> list[Json]:
    return [
        timeseries(
            "Exceptions by type",
            "Exceptions that left a view, those that end in a 4xx too. Nothing shown is none.",
            Query(
                f"sum by (type) (rate(django_http_exceptions_total_by_type_total{{{HERE}}}{RATE}))",
                "{{type}}",
            ),
            unit="ops",
            bars=True,
            stacked=True,
        ),
        timeseries(
            "Exceptions by view",
            "The same, by the view that they left.",
            Query(
                f"sum by (view) (rate(django_http_exceptions_total_by_view_total{{{HERE}}}{RATE}))",
                "{{view}}",
            ),
            unit="ops",
            bars=True,
            stacked=True,
        ),
        timeseries(
            "Body size, 95th percentile",
            "One body in twenty is larger.",
            *(
                Query(quantile(0.95, f"django_http_{name}_body_total_bytes", HERE), name)
                for name in ("requests", "responses")
            ),
            unit="bytes",
        ),
    ]
