"""Measures one side of bench/ab.sh, and reports on both.

Appends to a file of results (case, side, metric, value; tabs). CPU is user-mode time by /proc (most of a request's time is the
kernel's, which is the same for both and would hide a change of ours), and instructions by perf where there is one.
"""

import argparse
import collections
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

import load

TICKS = os.sysconf("SC_CLK_TCK")


def user_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rsplit(")", 1)[1].split()[11]) / TICKS


def drive(options, seconds):
    result = load.wrk(options.url, options.connections, seconds, [options.header])
    if "error" in result:
        raise SystemExit(f"ab.py: {options.side}: {result['error']}")
    return result["requests"]


def watched(command, options):
    """Runs a program beside the load that watches the proxy, and returns the number of requests and what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out")
        watcher = subprocess.Popen([*command, "-o", path, "-p", str(options.pid)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            requests = drive(options, options.seconds)
        finally:
            watcher.send_signal(signal.SIGINT)
            watcher.wait(60)
        with open(path) as file:
            return requests, file.read()


def cpu(options):
    before = user_seconds(options.pid)
    if shutil.which("perf"):
        requests, text = watched(["perf", "stat", "-x,", "-e", "instructions:u"], options)
        fields = [line.split(",") for line in text.splitlines() if "instructions" in line]
        if fields and fields[0][0].isdigit():
            yield "instructions", int(fields[0][0]) / requests
    else:
        requests = drive(options, options.seconds)
    yield "user_us", 1e6 * (user_seconds(options.pid) - before) / requests


def calls(options):
    # Traced, a request takes longer, but it makes the calls that it makes; fewer clients, so that it is not traced alone.
    requests, text = watched(["strace", "-f", "-c"], options)
    total = [line.split() for line in text.splitlines() if line.rstrip().endswith("total")]
    if not total:
        raise SystemExit(f"ab.py: strace has counted nothing: {text[-200:]}")
    # % time, seconds, usecs/call, calls, [errors,] "total"
    yield "calls", int(total[0][3]) / requests


def allocated(options):
    rate = drive(options, options.seconds) / options.seconds
    # Who asks for the number makes some of it: what a question adds is found by asking twice.
    first = load.counter(options.metrics, load.ALLOCATED)
    before = load.counter(options.metrics, load.ALLOCATED)
    # In one run: each has connections of its own, and they are no request's price.
    requests = drive(options, math.ceil(options.requests / rate))
    after = load.counter(options.metrics, load.ALLOCATED)
    yield "allocated", max(0, after - before - (before - first)) / requests


def warm(options):
    drive(options, options.seconds + 2)
    return []


# metric, its name, the highest ratio of new to old, the highest value of new
TARGETS = [
    ("user_us", "user-mode CPU per request, µs", 1.05, None),
    ("instructions", "user-mode instructions per request", 1.05, None),
    ("calls", "system calls per request", 1.02, None),
    # Some KiB over all requests are the runtime's own.
    ("allocated", "bytes allocated per request", None, 0.5),
    ("bytes", "bytes per idle connection", None, 300),
]


def report(options):
    values, broken = collections.defaultdict(list), []
    with open(options.results) as file:
        for line in file:
            _, side, metric, value = line.rstrip("\n").split("\t")
            if metric == "error":
                broken.append(f"{side}: {value}")
            else:
                values[metric, side].append(float(value))
    print(f"| | old ({options.old}) | new ({options.new}) | new / old | |\n|---|---|---|---|---|")
    good = not broken
    for metric, name, most_ratio, most in TARGETS:
        if not values[metric, "old"] or not values[metric, "new"]:
            if metric != "instructions":
                good = False
                print(f"| {name} | | | | FAIL: not measured |")
            continue
        old, new = (statistics.median(values[metric, side]) for side in ("old", "new"))
        ratio = new / old if old else float("inf") if new else 1
        holds = ratio <= most_ratio if most_ratio else new <= most
        good &= holds
        wanted = f"at most {most_ratio} ×" if most_ratio else f"at most {most}"
        print(f"| {name} | {old:.2f} | {new:.2f} | {ratio:.3f} | {'PASS' if holds else 'FAIL'} ({wanted}) |")
    for line in broken:
        print(f"failed: {line}", file=sys.stderr)
    sys.exit(0 if good else 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["warm", "cpu", "calls", "allocated", "report"])
    parser.add_argument("--results", required=True)
    for name in ("--side", "--url", "--header", "--metrics", "--old", "--new"):
        parser.add_argument(name)
    for name, default in (("--pid", 0), ("--connections", 64), ("--seconds", 5), ("--requests", 0)):
        parser.add_argument(name, type=int, default=default)
    options = parser.parse_args()
    if options.what == "report":
        report(options)
    measured = list({"warm": warm, "cpu": cpu, "calls": calls, "allocated": allocated}[options.what](options))
    with open(options.results, "a") as file:
        for metric, value in measured:
            file.write(f"{options.what}\t{options.side}\t{metric}\t{value}\n")


main()
