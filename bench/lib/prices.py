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


def measuring():
    """What filter_costs adds to the same filter, in percent, by pairs of one round: of instructions where they are counted, else of CPU."""
    without, costs = values["engine-csharp"], values["engine-costs"]
    kind = 1 if without[1] and costs[1] else 0
    return kind, quartiles([(b / a - 1) * 100 for a, b in zip(without[kind], costs[kind])])


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

if values["engine-csharp"][0] and values["engine-costs"][0]:
    kind, (low, middle, high) = measuring()
    holds = middle <= 3
    print(f"\n{'PASS' if holds else 'FAIL'} filter_costs adds at most 3 % of a request ({'instructions' if kind else 'CPU'}: {middle:+.1f} %, {low:+.1f} … {high:+.1f})")
    sys.exit(0 if holds else 1)
