"""The table of bench/prices.sh: each kind beside the base without a filter, by pairs of one round."""

import collections
import statistics
import sys

names = [line.rstrip("\n").split("\t") for line in open(sys.argv[1])]
values = collections.defaultdict(lambda: ([], []))
for line in open(sys.argv[2]):
    fields = line.split()
    values[fields[0]][0].append(float(fields[1]))
    if len(fields) > 2:
        values[fields[0]][1].append(float(fields[2]))


def quartiles(numbers):
    return statistics.quantiles(numbers, n=4) if len(numbers) > 1 else [numbers[0]] * 3


print("| kind | CPU µs/request | more than without | instructions (user)/request | more than without |")
print("|---|---:|---:|---:|---:|")
for name, what in names:
    cpu, instructions = values[name]
    base = values[name.split("-")[0]]
    cells = [f"{statistics.median(cpu):.1f}", "", f"{statistics.median(instructions):,.0f}" if instructions else "–", ""]
    if "-" in name and base[0]:
        low, middle, high = quartiles([a - b for a, b in zip(cpu, base[0])])
        cells[1] = f"{middle:+.1f} ({low:+.1f} … {high:+.1f})"
        if instructions and base[1]:
            cells[3] = f"{statistics.median([a - b for a, b in zip(instructions, base[1])]):+,.0f}"
    where = "in Envoy: " if name.startswith("envoy-") else "in our engine: " if name.startswith("engine-") else ""
    print(f"| {where}{what} | " + " | ".join(cells) + " |")
