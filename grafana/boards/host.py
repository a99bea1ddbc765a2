"""The host by node_exporter, and the usage by application processes."""

from grafana.dashboard import dashboard, processes, variable
from grafana.panels import stat, timeseries
from grafana.queries import PROCESS, RATE, rate, ratio
from grafana.shapes import Query, Row
from grafana.thresholds import USAGE

HOSTS = 'instance=~"$host"'
DISKS = f'fstype!~"tmpfs|overlay|squashfs|ramfs",{HOSTS}'
FREE = f"node_filesystem_avail_bytes{{{DISKS}}}"
SIZE = f"node_filesystem_size_bytes{{{DISKS}}}"
AVAILABLE = f"node_memory_MemAvailable_bytes{{{HOSTS}}}"
MEMORY = f"node_memory_MemTotal_bytes{{{HOSTS}}}"
CPU = "node_cpu_seconds_total"
HOST = variable("host", "Host", 'label_values(up{job="node"}, instance)')
EACH = "{{job}} {{instance}}"

TILES = [
    stat(
        "CPU usage",
        "Share of CPU time that is not idle.",
        f'1 - avg(rate({CPU}{{mode="idle",{HOSTS}}}[5m]))',
        unit="percentunit",
        steps=USAGE,
    ),
    stat(
        "Memory usage",
        "Share of memory that is not available.",
        f"max(1 - {AVAILABLE} / {MEMORY})",
        unit="percentunit",
        steps=USAGE,
    ),
    stat(
        "Lowest free disk space",
        "Free space of the file system with the least left.",
        f"min({ratio(FREE, SIZE)})",
        unit="percentunit",
        alert="DiskSpaceLow",
    ),
    stat(
        "Predicted free space in 24 h",
        "Lowest free space in 24 hours, by the trend of the last six hours.",
        f"min({ratio(f'predict_linear({FREE}[6h], 86400)', SIZE)})",
        unit="percentunit",
        alert="DiskFilling",
    ),
]
RESOURCES = [
    timeseries(
        "CPU by mode",
        'CPU cores by mode. "iowait" waits for a disk, "steal" is taken by the hypervisor.',
        Query(rate(CPU, f'mode!="idle",{HOSTS}', by="mode"), "{{mode}}"),
        unit="cores",
        stacked=True,
    ),
    timeseries(
        "Load average",
        "Runnable processes, and the number of CPU cores.",
        Query(f"node_load1{{{HOSTS}}}", "1 min, {{instance}}"),
        Query(f"node_load15{{{HOSTS}}}", "15 min, {{instance}}"),
        limit=Query(f'count({CPU}{{mode="idle",{HOSTS}}})', "cores"),
    ),
    timeseries(
        "Memory",
        "Total memory, and memory available without swapping.",
        Query(f"sum({AVAILABLE})", "available"),
        limit=Query(f"sum({MEMORY})", "total"),
        unit="bytes",
    ),
]
DISKS_AND_NETWORK = [
    timeseries(
        "Free space by disk",
        "Free share of the ten file systems with the least left.",
        Query(f"bottomk(10, {ratio(FREE, SIZE)})", "{{mountpoint}}, {{instance}}"),
        unit="percentunit",
        alert="DiskSpaceLow",
        maximum=1,
    ),
    timeseries(
        "Disk utilization",
        "Share of time in which the disk was busy.",
        Query(rate("node_disk_io_time_seconds_total", HOSTS, by="device"), "{{device}}"),
        unit="percentunit",
        empty="No disk of its own",
    ),
    timeseries(
        "Network",
        "Bytes received and sent, without the loopback interface.",
        Query(rate("node_network_receive_bytes_total", f'device!="lo",{HOSTS}'), "received"),
        Query(rate("node_network_transmit_bytes_total", f'device!="lo",{HOSTS}'), "sent"),
        unit="Bps",
    ),
]
APPLICATION = [
    timeseries(
        "CPU by process",
        "CPU cores used. One Python process uses little more than one core.",
        Query(f"rate(process_cpu_seconds_total{{{PROCESS}}}{RATE})", EACH),
        unit="cores",
    ),
    timeseries(
        "Memory by process",
        "Resident memory.",
        Query(f"process_resident_memory_bytes{{{PROCESS}}}", EACH),
        unit="bytes",
    ),
    timeseries(
        "Open file descriptors by process",
        "Sockets, connections and files. Steady growth indicates a leak.",
        Query(f"process_open_fds{{{PROCESS}}}", EACH),
    ),
    timeseries(
        "Garbage collections",
        "Runs of Python's garbage collector, by generation. Generation 2 is slow.",
        Query(
            rate("python_gc_collections_total", PROCESS, by="job, generation"),
            "{{job}}, generation {{generation}}",
        ),
        unit="ops",
    ),
    timeseries(
        "Process uptime",
        "Time since the start. A sawtooth is a process that keeps restarting.",
        Query(f"time() - process_start_time_seconds{{{PROCESS}}}", EACH),
        unit="s",
    ),
]
BOARD = dashboard(
    "host",
    "Host",
    "CPU, memory, disks and network of the host, and the usage by application processes.",
    [*TILES, *RESOURCES],
    rows=[
        Row("Disks and network", DISKS_AND_NETWORK),
        Row("Application processes", APPLICATION, collapsed=True),
    ],
    variables=[HOST, *processes("web|worker")],
)
