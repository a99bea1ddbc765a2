"""Celery: queues, tasks and workers."""

from grafana.dashboard import dashboard, processes, variable
from grafana.panels import bars, stat, table, timeseries
from grafana.queries import PROCESS, percentiles, quantile, rate, ratio, top, within
from grafana.shapes import Link, Query, Row, Step
from grafana.thresholds import ORANGE_FROM_1, UP

FINISHED = "celery_tasks_total"
SELECTED = f'task=~"$task",{PROCESS}'
FAILED = f'state="FAILURE",{SELECTED}'
SUCCEEDED_OR_FAILED = f'state=~"SUCCESS|FAILURE",{SELECTED}'
TASK = variable("task", "Task", f"label_values({FINISHED}, task)")
PROCESSES = f"celery_worker_processes{{{PROCESS}}}"
PROCESSES_LIMIT = f"celery_worker_processes_limit{{{PROCESS}}}"
QUEUE_LENGTH = "max by (queue) (celery_queue_length)"  # web and worker report the same value
RECEIVED = "sum by (queue) (increase(celery_tasks_received_total[2m])) > 0"
# Every worker is connected and has a task in every child process.
BUSY = (
    "min((celery_tasks_active >= bool on (job, instance) celery_worker_processes_limit)"
    " * on (job, instance) (time() - celery_worker_heartbeat_timestamp_seconds < bool 60)) == 1"
)
RECEIVED_BEFORE = "sum by (queue) (increase(celery_tasks_received_total[6m])) > 0"
P50, P95 = (quantile(q, "celery_task_runtime_seconds", SELECTED, by="task") for q in (0.5, 0.95))
ONE_TASK = Link("celery", {"task": "task"})
STATES = {"/SUCCESS/": "green", "/FAILURE/": "red", "/RETRY/": "orange"}

TILES = [
    stat(
        "Workers",
        "Workers that Prometheus can scrape.",
        f"sum(up{{{PROCESS}}})",
        steps=UP,
        empty="None",
        see="monitoring",
    ),
    stat(
        "Child processes",
        "Share of the configured child processes that are alive.",
        f"sum({PROCESSES}) / sum({PROCESSES_LIMIT}) or vector(0)",
        unit="percentunit",
        steps=[Step(None, "red"), Step(0.5, "orange"), Step(1, "green")],
    ),
    stat(
        "Failed tasks, 1 h",
        "Tasks that raised an exception and are not retried.",
        within("1h", FINISHED, FAILED),
        steps=ORANGE_FROM_1,
        see="logs",
    ),
    stat(
        "Queued tasks",
        "Tasks in the broker that no worker has received.",
        f"sum({QUEUE_LENGTH})",
        alert="CeleryBacklog",
    ),
    stat(
        "Stalled tasks",
        "Tasks in queues from which no worker has received any for two minutes, or for six while "
        "all workers are busy.",
        f"sum({QUEUE_LENGTH} unless on (queue) {RECEIVED}"
        f" unless on (queue) ({RECEIVED_BEFORE} and on () {BUSY})) or vector(0)",
        alert="CeleryStalled",
    ),
    stat(
        "Queue wait, p95",
        "Time from the publication of a task to its start.",
        quantile(0.95, "celery_queue_wait_seconds", PROCESS),
        unit="s",
        empty="No tasks",
    ),
    stat(
        "Beat heartbeat age",
        "Time since a worker last ran the heartbeat task, which beat sends every 30 seconds.",
        "time() - max(max_over_time(celery_beat_heartbeat_timestamp_seconds[1h]) > 0)",
        unit="s",
        alert="CeleryBeatSilent",
        empty="Never",
    ),
]
FLOW = [
    timeseries(
        "Tasks received and finished",
        "Tasks received from the broker, and finished tasks by state.",
        Query(rate("celery_tasks_received_total", PROCESS), "received"),
        Query(rate(FINISHED, SELECTED, by="state"), "{{state}}"),
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
        "Task failure ratio",
        "Share of the runs finished in the last ten minutes that failed: the ten tasks with the "
        "most.",
        Query(
            top(
                ratio(
                    f"sum by (task) (increase({FINISHED}{{{FAILED}}}[10m]))",
                    f"sum by (task) (increase({FINISHED}{{{SUCCEEDED_OR_FAILED}}}[10m]))",
                )
            ),
            "{{task}}",
        ),
        unit="percentunit",
        alert="CeleryTasksFailing",
        empty="No tasks",
        see=ONE_TASK,
    ),
]
DURATIONS = [
    timeseries(
        "Queue wait",
        "Time from the publication of a task to its start.",
        *percentiles("celery_queue_wait_seconds", PROCESS),
        unit="s",
        empty="No tasks",
    ),
    timeseries(
        "Task runtime, p95",
        "95th percentile of the runtime of the ten slowest tasks.",
        Query(top(P95), "{{task}}"),
        unit="s",
        empty="No tasks",
        see=ONE_TASK,
    ),
    timeseries(
        "Task runtime, median",
        "Median runtime of the ten slowest tasks.",
        Query(top(P50), "{{task}}"),
        unit="s",
        empty="No tasks",
        see=ONE_TASK,
    ),
    table(
        "Tasks",
        "Runs of each task in the last hour.",
        *(
            Query(within("1h", FINISHED, f'state="{state}",{SELECTED}', by="task"), column)
            for column, state in (
                ("Succeeded", "SUCCESS"),
                ("Failed", "FAILURE"),
                ("Retried", "RETRY"),
            )
        ),
        Query(P95, "Runtime, p95"),
        by="task",
        units={"Runtime, p95": "s"},
        empty="No tasks",
        see=ONE_TASK,
    ),
]
WORKERS = [
    timeseries(
        "Active tasks",
        "Running tasks, live child processes and configured child processes, by worker.",
        Query(f"celery_tasks_active{{{PROCESS}}}", "active, {{instance}}"),
        Query(PROCESSES, "processes, {{instance}}"),
        limit=Query(PROCESSES_LIMIT, "configured, {{instance}}"),
    ),
    timeseries(
        "Worker memory",
        "Resident memory of the child processes together, and of the parent process.",
        Query(
            f"celery_worker_processes_resident_memory_bytes{{{PROCESS}}}", "processes, {{instance}}"
        ),
        Query(f"process_resident_memory_bytes{{{PROCESS}}}", "parent, {{instance}}"),
        unit="bytes",
    ),
    bars(
        "Task results, 1 h",
        "Finished runs of the selected tasks, by state.",
        Query(within("1h", FINISHED, SELECTED, by="state"), "{{state}}"),
        empty="No tasks",
    ),
]
BOARD = dashboard(
    "celery",
    "Celery",
    "Queues, tasks and workers.",
    [*TILES, *FLOW],
    rows=[Row("Durations", DURATIONS), Row("Worker processes", WORKERS, collapsed=True)],
    variables=[*processes("worker"), TASK],
)
