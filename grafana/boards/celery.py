"""Celery: what waits, what runs, what failed, and whether anybody is there to do it."""

from grafana.dashboard import dashboard, instances, row, variable
from grafana.panels import bars, stat, table, timeseries
from grafana.queries import RATE, percentiles, quantile
from grafana.shapes import Json, Query, Step
from grafana.steps import FEW, UP

HERE = 'job="worker",instance=~"$instance"'
CHOSEN = f'task=~"$task",{HERE}'
TASK = variable("task", "Task", "label_values(celery_tasks_total, task)")
FAILED = f'{{state="FAILURE",{CHOSEN}}}'
ENDED = f'{{state=~"SUCCESS|FAILURE",{CHOSEN}}}'
LENGTH = "max by (queue) (celery_queue_length)"  # web and worker tell the same value
TAKEN = "sum by (queue) (increase(celery_tasks_received_total[2m])) > 0"
# Each worker has its broker, and a task in every child.
BUSY = (
    "min((celery_tasks_active >= bool on (job, instance) celery_worker_processes_limit)"
    " * on (job, instance) (time() - celery_worker_heartbeat_timestamp_seconds < bool 60)) == 1"
)
RECENTLY = "sum by (queue) (increase(celery_tasks_received_total[6m])) > 0"
STATES = {"/SUCCESS/": "green", "/FAILURE/": "red", "/RETRY/": "orange"}


def board() -> Json:
    return dashboard(
        "celery",
        "Celery",
        "The queue, the tasks and those who do them.",
        [*tiles(), *flow(), row("By task"), *by_task(), row("Workers"), *workers()],
        [instances("worker"), TASK],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Workers",
            "Workers that answer Prometheus.",
            Query(f"sum(up{{{HERE}}})", "workers"),
            unit="short",
            width=3,
            steps=UP,
            empty="none",
        ),
        stat(
            "Processes",
            "Children that live, of those that there should be.",
            Query(
                f"sum(celery_worker_processes{{{HERE}}})"
                f" / sum(celery_worker_processes_limit{{{HERE}}})",
                "alive",
            ),
            unit="percentunit",
            width=3,
            steps=[Step(None, "red"), Step(0.5, "orange"), Step(1, "green")],
        ),
        stat(
            "Waiting",
            "Tasks in the broker that no worker has taken.",
            Query(f"sum({LENGTH})", "waiting"),
            unit="short",
            width=3,
            alert="CeleryBacklog",
        ),
        stat(
            "Waiting, none taken",
            "Tasks in queues of which no worker has taken any for two minutes, or for six while"
            " all are busy.",
            Query(
                f"sum({LENGTH} unless on (queue) {TAKEN}"
                f" unless on (queue) ({RECENTLY} and on () {BUSY})) or vector(0)",
                "not taken",
            ),
            unit="short",
            alert="CeleryStalled",
        ),
        stat(
            "Wait, 95th percentile",
            "From a task's publication to its start.",
            Query(quantile(0.95, "celery_queue_wait_seconds", HERE), "p95"),
            unit="s",
            empty="no tasks",
        ),
        stat(
            "Failed within an hour",
            "Tasks that ended with an exception and are not tried again.",
            Query(f"round(sum(increase(celery_tasks_total{FAILED}[1h])))", "failed"),
            unit="short",
            width=3,
            steps=FEW,
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
            Query(f"sum(rate(celery_tasks_received_total{{{HERE}}}{RATE}))", "received"),
            Query(f"sum by (state) (rate(celery_tasks_total{{{CHOSEN}}}{RATE}))", "{{state}}"),
            unit="ops",
            colors=STATES | {"received": "blue"},
        ),
        timeseries(
            "Queue length",
            "Messages in the broker, of all priorities. Web and worker tell the same value.",
            Query(LENGTH, "{{queue}}"),
            unit="short",
            alert="CeleryBacklog",
        ),
        timeseries(
            "Wait in the queue",
            "From a task's publication to its start.",
            *percentiles("celery_queue_wait_seconds", HERE),
            unit="s",
        ),
    ]


def by_task() -> list[Json]:
    p50, p95 = (quantile(q, "celery_task_runtime_seconds", CHOSEN, by="task") for q in (0.5, 0.95))
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
            *(
                Query(
                    "round(sum by (task) (increase("
                    f'celery_tasks_total{{state="{state}",{CHOSEN}}}[1h])))',
                    column,
                )
                for state, column in (
                    ("SUCCESS", "Succeeded"),
                    ("FAILURE", "Failed"),
                    ("RETRY", "Tried again"),
                )
            ),
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
            Query(f"celery_tasks_active{{{HERE}}}", "at work, {{instance}}"),
            Query(f"celery_worker_processes{{{HERE}}}", "children, {{instance}}"),
            limit=Query(f"celery_worker_processes_limit{{{HERE}}}", "wanted, {{instance}}"),
            unit="short",
        ),
        timeseries(
            "Memory",
            "Resident memory of each worker's children together, and of its parent.",
            Query(
                f"celery_worker_processes_resident_memory_bytes{{{HERE}}}", "children, {{instance}}"
            ),
            Query(f"process_resident_memory_bytes{{{HERE}}}", "parent, {{instance}}"),
            unit="bytes",
        ),
        bars(
            "How runs ended within an hour",
            "All tasks chosen together.",
            Query(
                f"round(sum by (state) (increase(celery_tasks_total{{{CHOSEN}}}[1h])))",
                "{{state}}",
            ),
            unit="short",
        ),
    ]
