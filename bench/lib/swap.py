"""One swap of a filter's code under a constant load, and what it cost.

swap.py run NAME --port P --pid N --fresh FILE --live FILE --status CODE --rate R --connections C --log FILE --results FILE
    loads for some seconds, puts FRESH in the place of LIVE meanwhile, and appends what requests and the process took: in a second before
    (steady), in the second before the first answer of the new version (load: the old one serves while the new one is prepared), and in the
    first second of the new version (first). The status says which version an answer is of.
swap.py report FILE
    medians, paired differences, the verdict: FAIL where the first second is slower for certain (95 %).
"""

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import time

SETTLE = 1.5
PATIENCE = 10
PARTS = ("steady", "load", "first")


def cpu_seconds(pid):
    """CPU of all threads; the kernel counts it in nanoseconds here, and in hundredths of a second in /proc/PID/stat."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        except OSError:
            pass
    return total / 1e9


def await_status(port, status):
    """Until an answer has that status: asked every 5 ms on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    end = time.monotonic() + PATIENCE
    while True:
        connection.request("GET", "/", headers={"x-user": "admin"})
        answer = connection.getresponse()
        answer.read()
        if answer.status == status:
            connection.close()
            return
        if time.monotonic() > end:
            raise SystemExit(f"swap.py: no answer of the new version within {PATIENCE} s")
        time.sleep(0.005)


def quantile(ordered, part):
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def run(options):
    # The last second of the load is measured from the swap on, which has its own time.
    each = options.rate / options.connections
    load = subprocess.Popen(
        # HTTP/2, of which few connections do: all connections ask in the same moment, and would wait for each other.
        ["h2load", "-m", "100", "-c", str(options.connections), "--rps", f"{each:.3f}", "-D", str(options.seconds), "-H", "x-user: admin",
         "--log-file", options.log, f"http://127.0.0.1:{options.port}/"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(SETTLE)
    before = cpu_seconds(options.pid)
    time.sleep(1)
    asked, at_ask = time.time(), cpu_seconds(options.pid)
    os.rename(options.fresh, options.live)
    await_status(options.port, options.status)
    at_flip = cpu_seconds(options.pid)
    seen = time.time()
    time.sleep(1)
    after = cpu_seconds(options.pid)
    load.wait()

    rows = []
    with open(options.log, encoding="ascii") as lines:
        for line in lines:
            fields = line.split("\t")
            rows.append((int(fields[0]) / 1e6, int(fields[1]), int(fields[2])))
    failed = [row for row in rows if row[1] not in (200, 203)]
    if failed:
        raise SystemExit(f"swap.py: {len(failed)} of {len(rows)} requests failed, {failed[0][1]} first")
    fresh = [start for start, status, _ in rows if status == options.status and start > asked]
    if not fresh:
        raise SystemExit("swap.py: the load ended before the swap")
    flip = min(fresh)
    windows = {"steady": (asked - 1, asked), "load": (flip - 1, flip), "first": (flip, flip + 1)}
    if max(row[0] for row in rows) < flip + 0.95:
        raise SystemExit("swap.py: the load ended within the first second")
    values = {"wait": (flip - asked) * 1000}
    for part, (begin, end) in windows.items():
        times = sorted(took for start, _, took in rows if begin <= start < end)
        if len(times) < options.rate / 2:
            # Whoever asks was held up: the machine does something else.
            print(f"swap.py: {options.name}: only {len(times)} requests in a second; this swap does not count", file=sys.stderr)
            return
        values |= {
            f"{part}.mean": statistics.fmean(times), f"{part}.p50": quantile(times, 0.5), f"{part}.p99": quantile(times, 0.99),
            f"{part}.max": times[-1], f"{part}.count": len(times),
        }
    # As so many requests cost without a swap; what is more is its price.
    steady = at_ask - before
    values |= {
        "steady.cpu": steady * 1000, "first.cpu": (after - at_flip) * 1000,
        "load.cpu": (at_flip - at_ask - steady * (seen - asked)) * 1000,
    }
    with open(options.results, "a", encoding="ascii") as file:
        for metric, value in values.items():
            file.write(f"{options.name}\t{options.number}\t{metric}\t{value:.3f}\n")


def read(path):
    found = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            name, number, metric, value = line.rstrip("\n").split("\t")
            found.setdefault(name, {}).setdefault(metric, {})[int(number)] = float(value)
    return found


def difference(one, other, metric):
    """By how much one is more than the other, of swaps of one round: the median, and where it lies with 95 % (order statistics)."""
    ordered = sorted(one[metric][n] - other[metric][n] for n in one[metric] if n in other[metric])
    count = len(ordered)
    low = max(0, int(count / 2 - 0.98 * count ** 0.5) - 1)
    return statistics.median(ordered), ordered[low], ordered[count - 1 - low]


def report(options):
    found = read(options.file)
    names = list(found)
    print("| | " + " | ".join(["swaps", "old file to first new answer", "", "mean", "p50", "p99", "longest", "CPU"]) + " |")
    print("| --- " * 9 + "|")
    what = {"steady": "a second before", "load": "the last second of the old one", "first": "**the first second**"}
    for name in names:
        metrics = {metric: statistics.median(values.values()) for metric, values in found[name].items()}
        for part in PARTS:
            cells = [f"{metrics[f'{part}.{m}']:.0f} µs" for m in ("mean", "p50", "p99", "max")]
            cpu = f"{metrics[f'{part}.cpu']:+.0f} ms in all" if part == "load" else f"{metrics[f'{part}.cpu']:.0f} ms"
            head = [name, f"{len(found[name]['wait'])}", f"{metrics['wait']:.0f} ms"] if part == "steady" else ["", "", ""]
            print("| " + " | ".join([*head, what[part], *cells, cpu]) + " |")
    print()
    status = 0
    if {"hosted", "lua"} <= found.keys():
        for metric, text, unit in (("first.mean", "the mean answer", "µs"), ("first.p50", "the median answer", "µs"), ("first.p99", "the 99th percentile", "µs"), ("first.max", "the longest answer", "µs"), ("first.cpu", "CPU", "ms")):
            median, low, high = difference(found["hosted"], found["lua"], metric)
            # On a machine that does much else the interval is wide and says little.
            passed = low <= 0
            # One answer of thousands is the machine's as often as anybody's: told, and no verdict.
            verdict = "" if metric == "first.max" else "PASS " if passed else "FAIL "
            print(f"{verdict}{text} of the first second, hosted − Lua: {median:+.0f} {unit} ({low:+.0f} … {high:+.0f})")
            status |= 0 if passed or not verdict else 1
    sys.exit(status)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("run")
    one.set_defaults(do=run)
    one.add_argument("name")
    for option in ("port", "pid", "status", "rate", "connections", "number", "seconds"):
        one.add_argument("--" + option, type=int, required=True)
    for option in ("fresh", "live", "log", "results"):
        one.add_argument("--" + option, required=True)
    all_of = commands.add_parser("report")
    all_of.set_defaults(do=report)
    all_of.add_argument("file")
    options = parser.parse_args()
    options.do(options)


main()
