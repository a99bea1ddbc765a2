"""The host by node_exporter, and the usage by application processes."""

from grafana.dashboard import dashboard, row, variable
from grafana.panels import stat, timeseries
from grafana.queries import RATE
from grafana.shapes import Json, Query
from grafana.thresholds import USAGE

HOSTS = 'instance=~"$host"'
DISKS = f'fstype!~"tmpfs|overlay|squashfs|ramfs",{HOSTS}'
APP = 'job=~"web|worker"'
HOST = variable("host", "Host", 'label_values(up{job="node"}, instance)')


def board() -> Json:
    return dashboard(
        "host",
        "Host",
        "CPU, memory, disks and network of the host, and the usage by application processes.",
        [
            *tiles(),
            *resources(),
            row("Disks and network"),
            *disks(),
            row("Application processes"),
            *application(),
        ],
        [HOST],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "CPU usage",
            "Share of CPU time that is not idle.",
            Query(f'1 - avg(rate(node_cpu_seconds_total{{mode="idle",{HOSTS}}}[5m]))', "used"),
            unit="percentunit",
            width=6,
            steps=USAGE,
        ),
        stat(
            "Memory usage",
            "Share of memory that is not available.",
            Query(
                f"max(1 - node_memory_MemAvailable_bytes{{{HOSTS}}}"
                f" / node_memory_MemTotal_bytes{{{HOSTS}}})",
                "used",
            ),
            unit="percentunit",
            width=6,
            steps=USAGE,
        ),
        stat(
            "Lowest free disk space",
            "Free space of the file system with the least left.",
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
            "Predicted free space in 24 h",
            "Lowest free space in 24 hours, by the trend of the last six hours.",
            Query(
                f"min(predict_linear(node_filesystem_avail_bytes{{{DISKS}}}[6h], 86400)"
                f" / (node_filesystem_size_bytes{{{DISKS}}} > 0))",
                "predicted",
            ),
            unit="percentunit",
            width=6,
            alert="DiskFilling",
        ),
    ]


def resources() -> list[Json]:
    return [
        timeseries(
            "CPU by mode",
            'CPU cores by mode. "iowait" waits for a disk, "steal" is taken by the hypervisor.',
            Query(
                f'sum by (mode) (rate(node_cpu_seconds_total{{mode!="idle",{HOSTS}}}{RATE}))',
                "{{mode}}",
            ),
            stacked=True,
        ),
        timeseries(
            "Load average",
            "Runnable processes, and the number of CPU cores.",
            Query(f"node_load1{{{HOSTS}}}", "1 min, {{instance}}"),
            Query(f"node_load15{{{HOSTS}}}", "15 min, {{instance}}"),
            limit=Query(f'count(node_cpu_seconds_total{{mode="idle",{HOSTS}}})', "cores"),
        ),
        timeseries(
            "Memory",
            "Total memory, and memory available without swapping.",
            Query(f"sum(node_memory_MemAvailable_bytes{{{HOSTS}}})", "available"),
            limit=Query(f"sum(node_memory_MemTotal_bytes{{{HOSTS}}})", "total"),
            unit="bytes",
        ),
    ]


def disks() -> list[Json]:
    return [
        timeseries(
            "Free space by disk",
            "Free share of each file system.",
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
            "Disk utilization",
            "Share of time in which the disk was busy.",
            Query(
                f"sum by (device) (rate(node_disk_io_time_seconds_total{{{HOSTS}}}{RATE}))",
                "{{device}}",
            ),
            unit="percentunit",
        ),
        timeseries(
            "Network",
            "Bytes received and sent, without the loopback interface.",
            Query(
                f'sum(rate(node_network_receive_bytes_total{{device!="lo",{HOSTS}}}{RATE}))',
                "received",
            ),
            Query(
                f'sum(rate(node_network_transmit_bytes_total{{device!="lo",{HOSTS}}}{RATE}))',
                "sent",
            ),
            unit="Bps",
        ),
    ]


def application() -> list[Json]:
    return [
        timeseries(
            "CPU by process",
            "CPU cores used. One Python process uses little more than one core.",
            Query(f"rate(process_cpu_seconds_total{{{APP}}}{RATE})", "{{job}} {{instance}}"),
        ),
        timeseries(
            "Memory by process",
            "Resident memory.",
            Query(f"process_resident_memory_bytes{{{APP}}}", "{{job}} {{instance}}"),
            unit="bytes",
        ),
        timeseries(
            "Open file descriptors by process",
            "Sockets, connections and files. Steady growth indicates a leak.",
            Query(f"process_open_fds{{{APP}}}", "{{job}} {{instance}}"),
        ),
        timeseries(
            "Garbage collections",
            "Runs of Python's garbage collector, by generation. Generation 2 is slow.",
            Query(
                f"sum by (job, generation) (rate(python_gc_collections_total{{{APP}}}{RATE}))",
                "{{job}}, generation {{generation}}",
            ),
            unit="ops",
            width=12,
        ),
        timeseries(
            "Process uptime",
            "Time since the start. A sawtooth is a process that keeps restarting.",
            Query(f"time() - process_start_time_seconds{{{APP}}}", "{{job}} {{instance}}"),
            unit="s",
            width=12,
        ),
    ]
