#!/usr/bin/env python3
"""What h2load wrote of its requests (--log-file): start in microseconds, status, microseconds to the end of the answer.
overload.py LOG SECONDS: answers 200 within a second, per second, of those asked for in SECONDS after the warm-up; then refusals (503) per second, all that was answered at all, and
the 99th percentile of the answers 200, in milliseconds; and answers that are neither, per second."""
import sys

PATIENCE = 1_000_000
# A queue has to stand for a second before anything is refused, and what it holds to go away.
WARM_UP = 2_500_000


def main():
    log, seconds = sys.argv[1], float(sys.argv[2])
    rows = []
    with open(log, encoding="ascii") as lines:
        for line in lines:
            fields = line.split("\t")
            rows.append((int(fields[0]), int(fields[1]), int(fields[2])))
    if not rows:
        print("0 0 0 0 0")
        return
    # A request counts in the second in which it was asked. What was not answered when the run ended is not in the file.
    first = min(start for start, _, _ in rows) + WARM_UP
    window = [row for row in rows if first <= row[0] < first + seconds * 1_000_000]
    good = [row for row in window if row[1] == 200 and row[2] <= PATIENCE]
    refused = [row for row in window if row[1] == 503]
    other = [row for row in window if row[1] not in (200, 503)]
    times = sorted(row[2] for row in window if row[1] == 200)
    p99 = times[int(len(times) * 0.99)] / 1000 if times else 0
    print(f"{len(good) / seconds:.1f} {len(refused) / seconds:.1f} {len(window) / seconds:.1f} {p99:.0f} {len(other) / seconds:.1f}")


main()
