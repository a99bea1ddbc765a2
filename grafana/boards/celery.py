"""Celery: queues, tasks and workers."""

from grafana.dashboard import dashboard, instances, row, variable
from grafana.panels import bars, stat, table, timeseries
from grafana.queries import RATE, percentiles, quantile
from grafana.shapes import Json, Query, Step
from grafana.thresholds import ORANGE_FROM_1, UP

WORKERS = 'job="worker",instance=~"$instance"'
SELECTED = f'task=~"$task",{WORKERS}'
TASK = variable("task", "Task", "label_values(celery_tasks_total, task)")
FAILED = f'{{state="FAILURE",{SELECTED}}}'
FINISHED = f'{{state=~"SUCCESS|FAILURE",{SELECTED}}}'
QUEUE_LENGTH = "max by (queue) (celery_queue_length)"  # web and worker report the same value
RECEIVED = "sum by (queue) (increase(celery_tasks_received_total[2m])) > 0"
# Every worker is connected and has a task in every child process.
BUSY = (
    "min((celery_tasks_active >= bool on (job, instance) celery_worker_processes_limit)"
    " * on (job, instance) (time() - celery_worker_heartbeat_timestamp_seconds < bool 60)) == 1"
)
RECEIVED_BEFORE = "sum by (queue) (increase(celery_tasks_received_total[6m])) > 0"
STATES = {"/SUCCESS/": "green", "/FAILURE/": "red", "/RETRY/": "orange"}


def board() -> Json:
    return dashboard(
        "celery",
        "Celery",
        "Queues, tasks and workers.",
        [*tiles(), *flow(), row("By task"), *by_task(), row("Workers"), *workers()],
        [instances("worker"), TASK],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Workers",
            "Workers that Prometheus can scrape.",
            Query(f"sum(up{{{WORKERS}}})", "workers"),
            width=3,
            steps=UP,
            empty="none",
        ),
        stat(
            "Child processes",
            "Share of the configured child processes that are alive.",
            Query(
                f"sum(celery_worker_processes{{{WORKERS}}})"
                f" / sum(celery_worker_processes_limit{{{WORKERS}}})",
                "live",
            ),
            unit="percentunit",
            width=3,
            steps=[Step(None, "red"), Step(0.5, "orange"), Step(1, "green")],
        ),
        stat(
            "Queued tasks",
            "Tasks in the broker that no worker has received.",
            Query(f"sum({QUEUE_LENGTH})", "waiting"),
            width=3,
            alert="CeleryBacklog",
        ),
        stat(
            "Stalled tasks",
            "Tasks in queues from which no worker has received any for two minutes, or for six "
            "while all workers are busy.",
            Query(
                f"sum({QUEUE_LENGTH} unless on (queue) {RECEIVED}"
                f" unless on (queue) ({RECEIVED_BEFORE} and on () {BUSY})) or vector(0)",
                "stalled",
            ),
            alert="CeleryStalled",
        ),
        stat(
            "Queue wait, p95",
            "Time from the publication of a task to its start.",
            Query(quantile(0.95, "celery_queue_wait_seconds", WORKERS), "p95"),
            unit="s",
            empty="no tasks",
        ),
        stat(
            "Failed tasks, 1 h",
            "Tasks that raised an exception and are not retried.",
            Query(f"round(sum(increase(celery_tasks_total{FAILED}[1h])))", "failed"),
            width=3,
            steps=ORANGE_FROM_1,
        ),
        stat(
            "Beat heartbeat age",
            "Time since a worker last ran the heartbeat task, which beat sends every 30 seconds.",
            Query("time() - max(celery_beat_heartbeat_timestamp_seconds > 0)", "age"),
            unit="s",
            alert="CeleryBeatSilent",
            empty="never",
        ),
    ]


def flow() -> list[Json]:
    return [
        timeseries(
            "Tasks received and finished",
            "Tasks received from the broker, and finished tasks by state.",
            Query(f"sum(rate(celery_tasks_received_total{{{WORKERS}}}{RATE}))", "received"),
            Query(f"sum by (state) (rate(celery_tasks_total{{{SELECTED}}}{RATE}))", "{{state}}"),
            unit="ops",
            colors=STATES | {"received": "blue"},
        ),
        timeseries(
            "Queue length",
            "Messages in the broker, of all priorities. Web and worker report the same value.",
            Query(QUEUE_LENGTH, "{{queue}}"),
            alert="CeleryBacklog",
        ),
        timeseries(
            "Queue wait",
            "Time from the publication of a task to its start.",
            *percentiles("celery_queue_wait_seconds", WORKERS),
            unit="s",
        ),
    ]


def by_task() -> list[Json]:
    p50, p95 = (
        quantile(q, "celery_task_runtime_seconds", SELECTED, by="task") for q in (0.5, 0.95)
    )
    return [
        timeseries(
            "Task runtime, p95",
            "95th percentile of the runtime, by task.",
            Query(p95, "{{task}}"),
            unit="s",
        ),
        timeseries(
            "Task runtime, median", "Median runtime, by task.", Query(p50, "{{task}}"), unit="s"
        ),
        timeseries(
            "Task failure ratio",
            "Share of the runs finished in the last ten minutes that failed.",
            Query(
                f"sum by (task) (increase(celery_tasks_total{FAILED}[10m]))"
                f" / (sum by (task) (increase(celery_tasks_total{FINISHED}[10m])) > 0)",
                "{{task}}",
            ),
            unit="percentunit",
            alert="CeleryTasksFailing",
        ),
        table(
            "Tasks",
            "Runs of each task in the last hour.",
            *(
                Query(
                    "round(sum by (task) (increase("
                    f'celery_tasks_total{{state="{state}",{SELECTED}}}[1h])))',
                    column,
                )
                for state, column in (
                    ("SUCCESS", "Succeeded"),
                    ("FAILURE", "Failed"),
                    ("RETRY", "Retried"),
                )
            ),
            Query(p95, "Runtime, p95"),
            by="task",
            units={"Runtime, p95": "s"},
        ),
    ]


def workers() -> list[Json]:
    return [
        timeseries(
            "Active tasks",
            "Running tasks, live child processes and configured child processes, by worker.",
            Query(f"celery_tasks_active{{{WORKERS}}}", "active, {{instance}}"),
            Query(f"celery_worker_processes{{{WORKERS}}}", "processes, {{instance}}"),
            limit=Query(f"celery_worker_processes_limit{{{WORKERS}}}", "configured, {{instance}}"),
        ),
        timeseries(
            "Worker memory",
            "Resident memory of the child processes together, and of the parent process.",
            Query(
                f"celery_worker_processes_resident_memory_bytes{{{WORKERS}}}",
                "processes, {{instance}}",
            ),
            Query(f"process_resident_memory_bytes{{{WORKERS}}}", "parent, {{instance}}"),
            unit="bytes",
        ),
        bars(
            "Task results, 1 h",
            "Finished runs of the selected tasks, by state.",
            Query(
                f"round(sum by (state) (increase(celery_tasks_total{{{SELECTED}}}[1h])))",
                "{{state}}",
            ),
        ),
    ]
