"""Loads one proxy with wrk and appends what it cost to a file of results (case, peer, metric, value; tabs).

The CPU time is that of the proxy's processes over the whole run of wrk, by /proc, divided by the requests that wrk
counted. Anything that wrk complains of makes the run an `error`: a refusal is cheaper than an answer.
"""

import argparse
import math
import re
import subprocess
import threading
import urllib.request

import proc

UNITS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
ALLOCATED = "outrider_runtime_allocated_bytes_total"


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)([a-z]+)", text).groups()
    return float(number) * UNITS[unit]


def wrk(url, connections, seconds, headers):
    out = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", "--timeout", "10s", *[part for header in headers for part in ("-H", header)], url],
        capture_output=True, text=True, timeout=seconds + 60)
    text = out.stdout + out.stderr
    complaint = re.search(r"(Socket errors:.*|Non-2xx.*|unable to connect.*)", text)
    count = re.search(r"(\d+) requests in", text)
    if complaint or not count or int(count[1]) == 0:
        return {"error": complaint[0].strip() if complaint else "wrk: no requests: " + text.strip()[-200:]}
    return {
        "requests": int(count[1]),
        "rps": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
        # From the line's start: the thread statistics above it can end in "…99%" too.
        "p99": milliseconds(re.search(r"^\s*99%\s+(\S+)", text, re.MULTILINE)[1]),
    }


def headers(options):
    """The header that lets requests pass, and, of so many KiB, cookies in fields of 4 KiB each, as browsers cap them."""
    fields = ["Cookie: " + f"c{i}=".ljust(4096, "x") for i in range(options.cookies // 4)]
    return [options.header, *fields]


def counter(url, name):
    with urllib.request.urlopen(url, timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(rf"^{name}(?:\{{[^}}]*\}})?\s+(\S+)", text, re.MULTILINE)
    if not found:
        raise SystemExit(f"load.py: {url} has no {name}")
    return float(found[1])


class PeakMemory:
    """The highest resident memory between `with` and its end."""

    def __init__(self, pids):
        self.pids, self.kib, self.stop = pids, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        while not self.stop.wait(0.1):
            self.kib = max(self.kib, proc.rss_kib(self.pids))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def measure(options):
    pids = proc.tree(proc.parse_pids(options.pid))
    threads, cpu = proc.thread_cpu_seconds(pids), proc.cpu_seconds(pids)
    with PeakMemory(pids) as memory:
        result = wrk(options.url, options.connections, options.seconds, headers(options))
    used = proc.cpu_seconds(pids) - cpu
    busiest = max(now - threads.get(key, 0) for key, now in proc.thread_cpu_seconds(pids).items())
    if "error" in result:
        return result
    requests = result["requests"]
    result["cpu"] = used * 1e6 / requests
    result["rss"] = memory.kib / 1024
    if busiest > 0:
        result["per_busy_second"] = requests / busiest
        result["busy_threads"] = used / busiest
    if options.body_kib:
        result["mb"] = result["rps"] * options.body_kib * 1024 / 1e6
        result["cpu_per_mib"] = result["cpu"] * 1024 / options.body_kib
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--results", help="file to append to; without it the run is a warm-up")
    parser.add_argument("--case")
    parser.add_argument("--peer")
    parser.add_argument("--metrics", default="rps,p99,cpu,error", help="which to keep")
    parser.add_argument("--pid", required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--header", required=True)
    parser.add_argument("--cookies", type=int, default=0, help="KiB of cookies in each request, a multiple of 4")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--body-kib", type=int, default=0, help="size of each answer, for throughput")
    parser.add_argument("--requests", type=int, default=0, help="run for about so many requests instead of --seconds")
    parser.add_argument("--allocations", metavar="URL", help="a /metrics page to read allocated bytes from")
    options = parser.parse_args()

    if options.requests:
        trial = wrk(options.url, options.connections, 2, headers(options))
        # Bounded, so that a proxy that crawls does not hold up the others.
        options.seconds = min(180, math.ceil(options.requests / trial["rps"])) if "rps" in trial else 2
    before = counter(options.allocations, ALLOCATED) if options.allocations else 0
    result = measure(options)
    if options.allocations and "error" not in result:
        result["allocated"] = (counter(options.allocations, ALLOCATED) - before) / result["requests"]
    if options.results:
        keep = options.metrics.split(",") + ["error"]
        with open(options.results, "a") as file:
            for metric, value in result.items():
                if metric in keep:
                    file.write(f"{options.case}\t{options.peer}\t{metric}\t{value}\n")


if __name__ == "__main__":
    main()
