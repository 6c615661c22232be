"""Turns the results of compare.sh into Markdown tables and a verdict. Exits 1 when a target is missed."""

import argparse
import collections
import datetime
import os
import platform
import statistics
import sys

NAMES = {"nginx": "nginx", "haproxy": "HAProxy", "envoy": "Envoy", "mosn": "MOSN", "yarp": "YARP",
         "outrider": "**Outrider**, one stream filter", "outrider-bare": "Outrider, no filter"}
BASE, OURS = "nginx", "outrider"


class Results:
    """Medians over the rounds; a single error spoils a peer's case."""

    def __init__(self, path):
        self.values, self.errors = collections.defaultdict(list), {}
        with open(path) as file:
            for line in file:
                case, peer, metric, value = line.rstrip("\n").split("\t", 3)
                if metric == "error":
                    self.errors.setdefault((case, peer), value)
                else:
                    self.values[case, peer, metric].append(float(value))

    def median(self, case, peer, metric):
        values = self.values.get((case, peer, metric))
        return statistics.median(values) if values and (case, peer) not in self.errors else None

    def ratio(self, case, peer, metric):
        ours, base = self.median(case, peer, metric), self.median(case, BASE, metric)
        return ours / base if ours is not None and base else None

    def peers(self, *cases):
        known = {key[:2] for key in self.values} | set(self.errors)
        return [peer for peer in NAMES if any((case, peer) in known for case in cases)]

    def cell(self, case, peer, metric, form, ratio=True):
        value = self.median(case, peer, metric)
        if value is None:
            return "failed" if (case, peer) in self.errors else "–"
        relative = self.ratio(case, peer, metric) if ratio else None
        return form.format(value) + (f" ({relative:.2f})" if relative is not None else "")


def table(titles, rows):
    print("| " + " | ".join(titles) + " |")
    print("|---|" + "---:|" * (len(titles) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def processor():
    with open("/proc/cpuinfo") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), platform.machine())


def print_small(results):
    for connections in (32, 256):
        case = f"small-{connections}"
        print(f"#### Small answers (26 bytes), {connections} connections\n")
        table(["proxy", "requests/s (× nginx)", "p99 ms (× nginx)", "CPU µs/request (× nginx)"],
              [[NAMES[peer], results.cell(case, peer, "rps", "{:,.0f}"), results.cell(case, peer, "p99", "{:.2f}"),
                results.cell(case, peer, "cpu", "{:.1f}")] for peer in results.peers(case)])


def print_kinds(results):
    print("#### Small answers, 64 connections, with more to do for each request\n")
    kinds = {"log": "an access log", "ipv6": "IPv6", "cookies": "20 KiB of cookies"}
    table(["proxy"] + [f"{name}: {what} (× nginx)" for name in kinds.values() for what in ("requests/s", "CPU µs/request")],
          [[NAMES[peer]] + [results.cell(f"kind-{kind}", peer, metric, form) for kind in kinds for metric, form in (("rps", "{:,.0f}"), ("cpu", "{:.1f}"))]
           for peer in results.peers(*[f"kind-{kind}" for kind in kinds])])


def print_memory(results):
    print("#### Memory\n")
    table(["proxy", "resident at 64 busy connections, MB (× nginx)", "user memory per idle connection, B (× nginx)",
           "allocated per request, B"],
          [[NAMES[peer], results.cell("busy-64", peer, "rss", "{:.0f}"), results.cell("idle", peer, "bytes", "{:,.0f}"),
            results.cell("alloc", peer, "allocated", "{:.2f}")] for peer in results.peers("busy-64", "idle", "alloc")])
    counts = [int(value[0]) for (case, _, metric), value in results.values.items() if (case, metric) == ("idle", "count")]
    if counts:
        print(f"Idle: {max(counts):,} keep-alive connections, one request on each before it rests.\n")


def print_large(results):
    print("#### Large answers, 16 connections\n")
    titles = ["proxy"]
    for size in ("64 KiB", "1 MiB"):
        titles += [f"{size}: MB/s (× nginx)", f"{size}: CPU µs/MiB (× nginx)"]
    table(titles, [[NAMES[peer]] + [results.cell(f"large-{kib}", peer, metric, "{:,.0f}")
                                    for kib in (64, 1024) for metric in ("mb", "cpu_per_mib")]
                   for peer in results.peers("large-64", "large-1024")])


def scaling(results, peer):
    one, two = (results.median(f"loops-{loops}", peer, "per_busy_second") for loops in (1, 2))
    return two / one if one and two else None


def print_loops(results):
    print("#### Two loops\n")
    print("A CPU-bound second is one second of CPU time of the busiest thread: with cores enough, that thread is the "
          "limit. Contention and a loop that idles both lower the gain; 2.0 is perfect. Answers of the proxy itself, "
          "256 connections.\n")
    rows = []
    for peer in results.peers("loops-1", "loops-2"):
        gain = scaling(results, peer)
        rows.append([NAMES[peer]]
                    + [results.cell(f"loops-{loops}", peer, "per_busy_second", "{:,.0f}", False) for loops in (1, 2)]
                    + ["–" if gain is None else f"{gain:.2f}"]
                    + [results.cell(f"loops-{loops}", peer, "cpu", "{:.1f}", False) for loops in (1, 2)]
                    + [results.cell("loops-2", peer, "busy_threads", "{:.2f}", False)])
    table(["proxy", "requests per CPU-bound second, 1 loop", "2 loops", "gain", "CPU µs/request, 1 loop", "2 loops",
           "all CPU ÷ busiest thread's, 2 loops"], rows)


def print_stall(results):
    print("#### Stalled transfers: 20 downloads and 10 uploads of 100 MB\n")
    table(["proxy", "memory before, MB", "growth while stalled, MB", "growth at most, MB", "whole transfers of 30"],
          [[NAMES[peer]] + [f"{results.values[key][0]:,.0f}" if (key := ("stall", peer, metric)) in results.values else "–"
                            for metric in ("base", "stalled", "growth", "whole")]
           for peer in results.peers("stall")])
    if "nginx" in results.peers("stall"):
        print("nginx is told to stream here (no request buffering, no temporary files); by default it spools to disk.\n")


def targets(results):
    """(section, what, measured, holds): what the issue demands of Outrider."""
    def at_most(limit):
        return lambda value: round(value, 2) <= limit

    def at_least(limit):
        return lambda value: round(value, 2) >= limit

    def ratio(case, metric):
        return case, results.ratio(case, OURS, metric), "{:.2f} × nginx"

    def own(case, metric, form):
        return case, results.median(case, OURS, metric), form

    yield "small", "CPU per request at 32 connections ≤ 1.00 × nginx", *ratio("small-32", "cpu"), at_most(1.0)
    yield "small", "CPU per request at 256 connections ≤ 0.85 × nginx (aim 0.75)", *ratio("small-256", "cpu"), at_most(0.85)
    yield "small", "p99 at 32 connections ≤ nginx's", *ratio("small-32", "p99"), at_most(1.0)
    yield "small", "p99 at 256 connections ≤ nginx's", *ratio("small-256", "p99"), at_most(1.0)
    yield "small", "resident memory at 64 busy connections < 60 MB", *own("busy-64", "rss", "{:.1f} MB"), lambda mb: mb < 60
    # The counter is the whole process's: the call that reads it and the timers allocate a little too.
    yield "alloc", "allocated per request: 0 B (less than 1 B over the run)", *own("alloc", "allocated", "{:.2f} B"), lambda b: b < 1
    yield "idle", "user memory per idle connection ≤ 600 B", *own("idle", "bytes", "{:.0f} B"), lambda b: b <= 600
    yield "large", "throughput of 64 KiB answers ≥ nginx's", *ratio("large-64", "mb"), at_least(1.0)
    yield "large", "throughput of 1 MiB answers ≥ nginx's", *ratio("large-1024", "mb"), at_least(1.0)
    gain_case = "loops-1" if ("loops-1", OURS) in results.errors else "loops-2"
    yield "loops", "two loops ≥ 1.7 × one loop's requests per CPU-bound second", gain_case, scaling(results, OURS), "{:.2f} ×", at_least(1.7)
    growth = results.values.get(("stall", OURS, "growth"), [None])[0]
    yield "stall", "30 stalled transfers: memory grows by < 30 MB", "stall", growth, "{:.0f} MB", lambda mb: mb < 30
    whole = results.values.get(("stall", OURS, "whole"), [None])[0]
    yield "stall", "30 stalled transfers: every byte arrives", "stall", whole, "{:.0f} of 30 whole", lambda n: n == 30


def verdict(results, sections):
    missed = False
    for section, what, case, value, form, holds in targets(results):
        if section not in sections:
            continue
        if value is not None:
            word, said = ("PASS" if holds(value) else "FAIL"), form.format(value)
        elif (case, OURS) in results.errors:
            word, said = "FAIL", results.errors[case, OURS]
        elif (case, BASE) in results.errors and "nginx" in what:
            word, said = "FAIL", f"nothing to compare with, {BASE}: {results.errors[case, BASE]}"
        else:
            missing = OURS if OURS not in results.peers(case) else BASE
            word, said = "SKIP", f"{missing} was not measured"
        missed = missed or word == "FAIL"
        print(f"{word}  {what}: {said}")
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("results")
    parser.add_argument("--sections", required=True)
    parser.add_argument("--versions", required=True)
    parser.add_argument("--rounds", required=True)
    parser.add_argument("--seconds", required=True)
    options = parser.parse_args()
    results, sections = Results(options.results), options.sections.split(",")

    print(f"{processor()}, {os.cpu_count()} cores, Linux {platform.release()}, {datetime.date.today()}; {options.versions}. "
          f"One loop each; medians of {options.rounds} interleaved rounds of {options.seconds} s.\n")
    if "small" in sections:
        print_small(results)
    if {"small", "idle", "alloc"} & set(sections):
        print_memory(results)
    for section, show in (("kinds", print_kinds), ("large", print_large), ("loops", print_loops), ("stall", print_stall)):
        if section in sections:
            show(results)
    if results.errors:
        print("Failed:\n")
        for (case, peer), text in results.errors.items():
            print(f"- {peer}, {case}: {text}")
        print()
    print("```")
    status = verdict(results, sections)
    print("```")
    return status


sys.exit(main())
