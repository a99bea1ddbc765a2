"""Celery: what waits, what runs, what failed, and whether anybody is there to do it."""

from grafana.dashboard import dashboard, row, variable
from grafana.panels import bars, stat, table, timeseries
from grafana.shapes import Json, Query, Step

RATE = "[$__rate_interval]"
TASK = variable("task", "Task", "label_values(celery_tasks_total, task)")
FAILED = '{task=~"$task",state="FAILURE"}'
ENDED = '{task=~"$task",state=~"SUCCESS|FAILURE"}'
STATES = {"/SUCCESS/": "green", "/FAILURE/": "red", "/RETRY/": "orange"}


def board() -> Json:
    return dashboard(
        "celery",
        "Celery",
        "The queue, the tasks and those who do them.",
        [*tiles(), *flow(), row("By task"), *by_task(), row("Workers"), *workers()],
        [TASK],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Workers",
            "Workers that answer Prometheus.",
            Query('sum(up{job="worker"})', "workers"),
            unit="short",
            steps=[Step(None, "red"), Step(1, "green")],
            empty="none",
        ),
        stat(
            "Processes",
            "Children that live, of those that there should be.",
            Query("sum(celery_worker_processes) / sum(celery_worker_processes_limit)", "alive"),
            unit="percentunit",
            steps=[Step(None, "red"), Step(0.5, "orange"), Step(1, "green")],
        ),
        stat(
            "Waiting",
            "Tasks in the broker that no worker has taken.",
            Query("sum(max by (queue) (celery_queue_length))", "waiting"),
            unit="short",
            alert="CeleryBacklog",
        ),
        stat(
            "Wait, 95th percentile",
            "From a task's publication to its start.",
            Query(_quantile(0.95, "celery_queue_wait_seconds"), "p95"),
            unit="s",
            empty="no tasks",
        ),
        stat(
            "Failed within an hour",
            "Tasks that ended with an exception and are not tried again.",
            Query('round(sum(increase(celery_tasks_total{state="FAILURE"}[1h])))', "failed"),
            unit="short",
            steps=[Step(None, "green"), Step(1, "orange")],
        ),
        stat(
            "Last heartbeat of beat",
            "How long ago the task that beat sends every minute ran in a worker.",
            Query("time() - max(celery_beat_heartbeat_timestamp_seconds > 0)", "age"),
            unit="s",
            alert="CeleryBeatSilent",
            empty="never",
        ),
    ]


def flow() -> list[Json]:
    return [
        timeseries(
            "Received and ended",
            "Tasks that workers took from the broker, and how they ended.",
            Query(f"sum(rate(celery_tasks_received_total{RATE}))", "received"),
            Query(f"sum by (state) (rate(celery_tasks_total{RATE}))", "{{state}}"),
            unit="ops",
            colors=STATES | {"received": "blue"},
        ),
        timeseries(
            "Queue length",
            "Messages in the broker, of all priorities. Web and worker tell the same value.",
            Query("max by (queue) (celery_queue_length)", "{{queue}}"),
            unit="short",
            alert="CeleryBacklog",
        ),
        timeseries(
            "Wait in the queue",
            "From a task's publication to its start.",
            Query(_quantile(0.5, "celery_queue_wait_seconds"), "p50"),
            Query(_quantile(0.95, "celery_queue_wait_seconds"), "p95"),
            Query(_quantile(0.99, "celery_queue_wait_seconds"), "p99"),
            unit="s",
        ),
    ]


def by_task() -> list[Json]:
    bucket = 'celery_task_runtime_seconds_bucket{task=~"$task"}'
    p50 = f"histogram_quantile(0.5, sum by (task, le) (rate({bucket}[5m])))"
    p95 = f"histogram_quantile(0.95, sum by (task, le) (rate({bucket}[5m])))"
    ended = "round(sum by (task) (increase(celery_tasks_total{%s}[1h])))"
    return [
        timeseries(
            "Run time, 95th percentile",
            "One run in twenty takes longer.",
            Query(p95, "{{task}}"),
            unit="s",
        ),
        timeseries(
            "Run time, median",
            "Half of the runs take longer.",
            Query(p50, "{{task}}"),
            unit="s",
        ),
        timeseries(
            "Share of runs that fail",
            "Of the runs that came to an end within ten minutes, those with an exception.",
            Query(
                f"sum by (task) (increase(celery_tasks_total{FAILED}[10m]))"
                f" / (sum by (task) (increase(celery_tasks_total{ENDED}[10m])) > 0)",
                "{{task}}",
            ),
            unit="percentunit",
            alert="CeleryTasksFailing",
        ),
        table(
            "Tasks",
            "Each task within an hour.",
            Query(ended % 'task=~"$task",state="SUCCESS"', "Succeeded"),
            Query(ended % 'task=~"$task",state="FAILURE"', "Failed"),
            Query(ended % 'task=~"$task",state="RETRY"', "Tried again"),
            Query(p95, "Run time, p95"),
            by="task",
            unit="short",
            units={"Run time, p95": "s"},
        ),
    ]


def workers() -> list[Json]:
    return [
        timeseries(
            "Tasks being run",
            "Tasks at work and the children that could be, by worker.",
            Query('celery_tasks_active{job="worker"}', "at work, {{instance}}"),
            Query("celery_worker_processes", "children, {{instance}}"),
            Query("celery_worker_processes_limit", "wanted, {{instance}}"),
            unit="short",
            colors={"/^wanted/": "red"},
        ),
        timeseries(
            "Memory",
            "Resident memory of each worker's children together, and of its parent.",
            Query("celery_worker_processes_resident_memory_bytes", "children, {{instance}}"),
            Query('process_resident_memory_bytes{job="worker"}', "parent, {{instance}}"),
            unit="bytes",
        ),
        bars(
            "How runs ended within an hour",
            "All tasks chosen together.",
            Query(
                'round(sum by (state) (increase(celery_tasks_total{task=~"$task"}[1h])))',
                "{{state}}",
            ),
            unit="short",
        ),
    ]


def _quantile(q: float, histogram: str) -> str:
    return f"histogram_quantile({q}, sum by (le) (rate({histogram}_bucket[5m])))"
