"""Prints the table of all sizes, and one JSON object as the last line. Reads one result a line."""

import json
import sys

MEBIBYTE = 1024 * 1024


def row(result):
    ours, theirs = result.get("activityd"), result.get("predecessor")
    cells = [f"{result['rows']:,}"]
    if ours:
        cells += [f"{ours[name + 'Seconds'] * 1e3:.1f}" for name in ("feed", "load", "render", "publish", "refresh")]
        cells += [f"{ours['documents']:.0f}"]
    else:
        cells += ["-"] * 6
    cells += [f"{theirs['warmSeconds']:.2f}", f"{theirs['viewsSeconds']:.2f}"] if theirs else ["-"] * 2
    cells += [f"{ratio(result):,.0f}" if ours and theirs else "-"]
    cells += [f"{ours['postgresSeconds'] * 1e3:.1f}" if ours else "-"]
    cells += [f"{theirs['postgresSeconds']:.2f}" if theirs else "-"]
    cells += [f"{ours['residentBytes'] / MEBIBYTE:.0f}", f"{ours['peakResidentBytes'] / MEBIBYTE:.0f}"] if ours else ["-"] * 2
    cells += ["-" if "differing" not in result else "no: " + " ".join(result["differing"]) if result["differing"] else "yes"]
    return cells


def ratio(result):
    return result["predecessor"]["warmSeconds"] / result["activityd"]["refreshSeconds"]


def print_table(results):
    titles = ["rows", "feed ms", "load ms", "render ms", "publish ms", "all ms", "documents", "predecessor s", "its views s",
              "ratio", "PG ms", "its PG s", "RSS MiB", "peak MiB", "same answers"]
    table = [titles] + [row(result) for result in results]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(titles))]
    print()
    for cells in table:
        print("  ".join(cell.rjust(width) for cell, width in zip(cells, widths)))
    print("\nMedians. Feed: 1,000 new rows into facts. All: feed, load, render and publish; every window is rendered, and the")
    print("documents of the users who have new rows. Documents: how many there are.")
    print("Predecessor: every variant once, on the raw table, with its indexes. RSS: of activityd, after the last round.")


def main():
    results = [json.loads(line) for line in sys.stdin if line.strip()]
    print_table(results)
    largest = max(results, key=lambda result: result["rows"])
    both = "activityd" in largest and "predecessor" in largest
    differing = sorted({key for result in results for key in result.get("differing", [])})
    print(json.dumps({
        "benchmark": "refresh",
        "rows": largest["rows"],
        "ratio": round(ratio(largest), 1) if both else None,
        "sameAnswers": not differing if "activityd" in largest else None,
        "results": results,
    }))
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
