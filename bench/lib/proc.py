"""What /proc says of a process: its CPU time, its resident memory, its threads."""

import os

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(path):
    # The name in parentheses may hold spaces: fields are counted from behind it.
    with open(path) as file:
        return file.read().rpartition(")")[2].split()


def tree(pids):
    """The processes and all their descendants."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parents.setdefault(int(_stat(f"/proc/{entry}/stat")[1]), []).append(int(entry))
            except OSError:
                pass
    found, todo = [], list(pids)
    while todo:
        pid = todo.pop()
        if pid not in found:
            found.append(pid)
            todo += parents.get(pid, [])
    return found


def cpu_seconds(pids):
    """User and system time of the processes so far."""
    total = 0
    for pid in pids:
        try:
            fields = _stat(f"/proc/{pid}/stat")
            total += int(fields[11]) + int(fields[12])
        except OSError:
            pass
    return total / TICKS


def thread_cpu_seconds(pids):
    """{(pid, thread): CPU seconds so far}"""
    times = {}
    for pid in pids:
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                fields = _stat(f"/proc/{pid}/task/{thread}/stat")
                times[pid, thread] = (int(fields[11]) + int(fields[12])) / TICKS
        except OSError:
            pass
    return times


def rss_kib(pids):
    """Resident memory of the processes; 0 for one that has ended."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/status") as file:
                total += next((int(line.split()[1]) for line in file if line.startswith("VmRSS:")), 0)
        except OSError:
            pass
    return total


def parse_pids(text):
    return [int(pid) for pid in text.split(",")]
