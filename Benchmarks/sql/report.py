"""Prints the table of all sizes, and one JSON object as the last line. Reads one result a line."""

import json
import sys


def total(result, side):
    return sum(result[side].values())


def ratio(result):
    return total(result, "predecessor") / total(result, "activityd")


def rows_of(result):
    ours, theirs = result["activityd"], result["predecessor"]
    for name, seconds in ours.items():
        peer = theirs.get(name)
        yield [
            f"{result['rows']:,}", name, f"{seconds * 1e3:,.1f}", f"{peer * 1e3:,.1f}" if peer else "",
            f"{peer / seconds:,.1f}" if peer else "",
            "" if peer is None else "no" if name in result["differing"] else "yes",
        ]
    yield [f"{result['rows']:,}", "all", f"{total(result, 'activityd') * 1e3:,.1f}",
           f"{total(result, 'predecessor') * 1e3:,.1f}", f"{ratio(result):,.1f}", ""]


def print_table(results):
    table = [["rows", "", "activityd ms", "predecessor ms", "ratio", "same answers"]]
    table += [row for result in results for row in rows_of(result)]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(table[0]))]
    print()
    for cells in table:
        print("  ".join(
            cell.ljust(width) if column == 1 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths))).rstrip())
    print("\nMedians, each after 1,000 new rows. Feed: these rows into facts, once for everything that activityd does;")
    print("the predecessor reads the raw table, with its indexes. Views are refreshed CONCURRENTLY, psql calls functions.")


def flatness(results):
    """By view: what a refresh costs with the longest history, as a multiple of the next shorter one."""
    ordered = sorted(results, key=lambda result: result["rows"])
    if len(ordered) < 2:
        return None
    shorter, longest = (result["activityd"] for result in ordered[-2:])
    return {name: round(longest[name] / shorter[name], 2) for name in longest if name.startswith("mv_")}


def main():
    results = [json.loads(line) for line in sys.stdin if line.strip()]
    print_table(results)
    largest = max(results, key=lambda result: result["rows"])
    differing = sorted({name for result in results for name in result["differing"]})
    print(json.dumps({
        "benchmark": "sql",
        "rows": largest["rows"],
        "ratio": round(ratio(largest), 1),
        "flatness": flatness(results),
        "sameAnswers": not differing,
        "results": results,
    }))
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
