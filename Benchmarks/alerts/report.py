"""Makes a table and one JSON object of what was measured."""

import json
import sys

MEBIBYTE = 1 << 20
# The interval of ingest and half a second.
LATENCY_AIM_SECONDS = 2.5
TITLES = {
    "activityd": "activityd, from the start of its process",
    "loop": "redis-py, XADD and PUBLISH for each event",
    "pipeline": "redis-py, the same in pipelines of 500",
}


def print_drain(drain):
    rates = drain["eventsPerSecond"]
    print(f"\n{drain['events']:,} events from PostgreSQL to the stream and to a subscriber, "
          f"median of {drain['rounds']} rounds\n")
    for name, title in TITLES.items():
        print(f"{title:44}{rates[name]:>10,.0f} events/s{rates['activityd'] / rates[name]:>8.2f}")
    print(f"\nThe last column is activityd's rate by that of the line. Its resident memory was at most "
          f"{drain['peakResidentBytes'] / MEBIBYTE:.0f} MiB.")


def print_latency(latency):
    print(f"\nfrom the commit of the offending rows to the alert at a subscriber, {latency['samples']} samples: "
          f"p50 {latency['p50']:.2f} s, p99 {latency['p99']:.2f} s, longest {latency['max']:.2f} s "
          f"(aim: p99 at most {LATENCY_AIM_SECONDS} s)")


def main():
    results = {}
    for line in sys.stdin:
        results.update(json.loads(line))
    drain, latency = results.get("drain"), results.get("latencySeconds")
    if drain:
        print_drain(drain)
    if latency:
        print_latency(latency)
    rates = drain and drain["eventsPerSecond"]
    print(json.dumps({
        "benchmark": "alerts",
        "ratio": round(rates["activityd"] / rates["loop"], 2) if rates else None,
        "isLatencyWithinAim": latency["p99"] <= LATENCY_AIM_SECONDS if latency else None,
        **results,
    }))
    sys.exit(1 if latency and latency["p99"] > LATENCY_AIM_SECONDS else 0)


if __name__ == "__main__":
    main()
