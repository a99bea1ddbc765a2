"""The machine by node_exporter, and what our processes take of it."""

from grafana.dashboard import dashboard, row, variable
from grafana.panels import stat, timeseries
from grafana.queries import RATE
from grafana.shapes import Json, Query
from grafana.steps import FULL

HERE = 'instance=~"$host"'
DISKS = f'fstype!~"tmpfs|overlay|squashfs|ramfs",{HERE}'
OURS = 'job=~"web|worker"'
HOST = variable("host", "Host", 'label_values(up{job="node"}, instance)')


def board() -> Json:
    return dashboard(
        "host",
        "Host",
        "Processor, memory, disks and network, and our processes' part in them.",
        [*tiles(), *machine(), row("Disks and network"), *disks(), row("Our processes"), *ours()],
        [HOST],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Processor",
            "Time that the processors were at work.",
            Query(f'1 - avg(rate(node_cpu_seconds_total{{mode="idle",{HERE}}}[5m]))', "at work"),
            unit="percentunit",
            width=6,
            steps=FULL,
        ),
        stat(
            "Memory",
            "Memory that is not available.",
            Query(
                f"max(1 - node_memory_MemAvailable_bytes{{{HERE}}}"
                f" / node_memory_MemTotal_bytes{{{HERE}}})",
                "used",
            ),
            unit="percentunit",
            width=6,
            steps=FULL,
        ),
        stat(
            "Free on the fullest disk",
            "Free space where least is left.",
            Query(
                f"min(node_filesystem_avail_bytes{{{DISKS}}}"
                f" / (node_filesystem_size_bytes{{{DISKS}}} > 0))",
                "free",
            ),
            unit="percentunit",
            width=6,
            alert="DiskSpaceLow",
        ),
        stat(
            "Free in 24 hours",
            "The same by tomorrow, if it goes on as within the last six hours.",
            Query(
                f"min(predict_linear(node_filesystem_avail_bytes{{{DISKS}}}[6h], 86400)"
                f" / (node_filesystem_size_bytes{{{DISKS}}} > 0))",
                "free tomorrow",
            ),
            unit="percentunit",
            width=6,
            alert="DiskFilling",
        ),
    ]


def machine() -> list[Json]:
    return [
        timeseries(
            "Processor by mode",
            "What the processors do, in processors. «iowait» waits for a disk, «steal» for the "
            "machine's host.",
            Query(
                f'sum by (mode) (rate(node_cpu_seconds_total{{mode!="idle",{HERE}}}{RATE}))',
                "{{mode}}",
            ),
            unit="short",
            stacked=True,
        ),
        timeseries(
            "Load",
            "Processes that run or want to, and how many processors there are.",
            Query(f"node_load1{{{HERE}}}", "1 min, {{instance}}"),
            Query(f"node_load15{{{HERE}}}", "15 min, {{instance}}"),
            limit=Query(f'count(node_cpu_seconds_total{{mode="idle",{HERE}}})', "processors"),
            unit="short",
        ),
        timeseries(
            "Memory",
            "In all, and what is available without swapping.",
            Query(f"sum(node_memory_MemAvailable_bytes{{{HERE}}})", "available"),
            limit=Query(f"sum(node_memory_MemTotal_bytes{{{HERE}}})", "in all"),
            unit="bytes",
        ),
    ]


def disks() -> list[Json]:
    return [
        timeseries(
            "Free space by disk",
            "What is left of each file system.",
            Query(
                f"node_filesystem_avail_bytes{{{DISKS}}}"
                f" / (node_filesystem_size_bytes{{{DISKS}}} > 0)",
                "{{mountpoint}}, {{instance}}",
            ),
            unit="percentunit",
            alert="DiskSpaceLow",
            maximum=1,
        ),
        timeseries(
            "Disks at work",
            "Time in which a disk had something to do.",
            Query(
                f"sum by (device) (rate(node_disk_io_time_seconds_total{{{HERE}}}{RATE}))",
                "{{device}}",
            ),
            unit="percentunit",
        ),
        timeseries(
            "Network",
            "Bytes in and out, without the loopback.",
            Query(
                f'sum(rate(node_network_receive_bytes_total{{device!="lo",{HERE}}}{RATE}))', "in"
            ),
            Query(
                f'sum(rate(node_network_transmit_bytes_total{{device!="lo",{HERE}}}{RATE}))', "out"
            ),
            unit="Bps",
        ),
    ]


def ours() -> list[Json]:
    return [
        timeseries(
            "Processor by process",
            "One is a processor all to itself; a Python process does not get much beyond.",
            Query(f"rate(process_cpu_seconds_total{{{OURS}}}{RATE})", "{{job}} {{instance}}"),
            unit="short",
        ),
        timeseries(
            "Memory by process",
            "Memory that the process holds.",
            Query(f"process_resident_memory_bytes{{{OURS}}}", "{{job}} {{instance}}"),
            unit="bytes",
        ),
        timeseries(
            "Open files by process",
            "Sockets, connections and files. One that only grows is never closed.",
            Query(f"process_open_fds{{{OURS}}}", "{{job}} {{instance}}"),
            unit="short",
        ),
        timeseries(
            "Garbage collections",
            "Runs of Python's collector, by generation. Those of generation 2 take long.",
            Query(
                f"sum by (job, generation) (rate(python_gc_collections_total{{{OURS}}}{RATE}))",
                "{{job}}, generation {{generation}}",
            ),
            unit="ops",
            width=12,
        ),
        timeseries(
            "Age of the processes",
            "Time since the start. A saw-tooth is a process that keeps dying.",
            Query(f"time() - process_start_time_seconds{{{OURS}}}", "{{job}} {{instance}}"),
            unit="s",
            width=12,
        ),
    ]
