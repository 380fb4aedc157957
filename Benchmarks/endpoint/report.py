"""Makes a table and one JSON object of what was measured."""

import json
import statistics

MEBIBYTE = 1 << 20
# What the project is judged by.
AIM_CASE, AIM_CONNECTIONS = "4 kB", 32
FIELDS = ("requestsPerSecond", "p50", "p99", "cpuMicroseconds", "redisMicroseconds", "loadMicroseconds", "othersCores",
          "residentBytes")
# More than this taken by others, and only CPU time per request still says something.
OTHERS_LIMIT = 0.2
HEADER = ("", "connections", "server", "requests/s", "p50 ms", "p99 ms", "CPU µs each", "+ Redis", "MiB")


def medians(rounds):
    """Of each case, number of connections and server, in the order of the first round."""
    measures = {}
    for case, connections, figures in rounds:
        for name in sorted(figures, key=("activityd", "nginx", "webdis", "express").index):
            measures.setdefault((case, connections, name), []).append(figures[name])
    return {key: {field: statistics.median(figure[field] for figure in of_one) for field in FIELDS}
            for key, of_one in measures.items()}


def rows(results):
    previous = None
    for (case, connections, name), figure in results.items():
        is_new, previous = previous != (case, connections), (case, connections)
        yield (
            case if is_new else "",
            f"{connections:,}" if is_new else "",
            name,
            f"{figure['requestsPerSecond']:,.0f}",
            f"{figure['p50'] / 1e3:.2f}",
            f"{figure['p99'] / 1e3:.2f}",
            f"{figure['cpuMicroseconds']:.1f}",
            f"{figure['redisMicroseconds']:.1f}" if figure["redisMicroseconds"] else "",
            f"{figure['residentBytes'] / MEBIBYTE:.0f}")


def print_table(table):
    widths = [max(len(cells[column]) for cells in table) for column in range(len(table[0]))]
    print()
    for cells in table:
        print("  ".join(cell.ljust(width) if column in (0, 2) else cell.rjust(width)
                        for column, (cell, width) in enumerate(zip(cells, widths))).rstrip())


def comparison(results, case, connections):
    """How many times better activityd is than each peer, and than the one with the most requests per second."""
    def figure(name, field):
        return results[case, connections, name][field]

    def cost(name):
        return figure(name, "cpuMicroseconds") + figure(name, "redisMicroseconds")

    peers = [name for of_case, count, name in results if (of_case, count) == (case, connections) and name != "activityd"]
    strongest = max(peers, key=lambda name: figure(name, "requestsPerSecond"))
    return {
        "strongest": strongest,
        "ratio": round(figure("activityd", "requestsPerSecond") / figure(strongest, "requestsPerSecond"), 2),
        **{name: {
            "requestsPerSecond": round(figure("activityd", "requestsPerSecond") / figure(name, "requestsPerSecond"), 2),
            "p50": round(figure(name, "p50") / figure("activityd", "p50"), 2),
            "p99": round(figure(name, "p99") / figure("activityd", "p99"), 2),
            "cpu": round(cost(name) / cost("activityd"), 2),
        } for name in peers},
    }


def print_report(rounds, idle, options):
    results = medians(rounds)
    print_table([HEADER, *rows(results)])
    for name, figure in idle.items():
        print(f"\n{name} with {figure['connections']:,} idle connections: {figure['bytes'] / MEBIBYTE:.1f} MiB, "
              f"{figure['bytesBefore'] / MEBIBYTE:.1f} before, "
              f"{(figure['bytes'] - figure['bytesBefore']) / figure['connections'] / 1024:.1f} KiB each", end="")
    print(f"\n\nMedians of {options.rounds} rounds of {options.seconds} s. Latencies are those of a load that never rests, so "
          "p50 is about connections by rate.\nCPU is that of a server's processes, user and system; what its reads cost in "
          "redis-server stands apart. MiB are\nresident, of all processes of a server, without Redis. wrk itself takes "
          f"{load_cost(results):.0f} µs for a small answer, on the same cores.")
    others = max(figure["othersCores"] for figure in results.values())
    if others > OTHERS_LIMIT:
        print(f"\nThe machine was not ours alone: others took up to {others:.1f} cores. Rates and latencies are not to be "
              "compared.")
    comparisons = {case: {str(connections): comparison(results, case, connections)
                          for of_case, connections in dict.fromkeys(key[:2] for key in results) if of_case == case}
                   for case in dict.fromkeys(key[0] for key in results)}
    aim = comparisons[AIM_CASE][str(AIM_CONNECTIONS)]
    print(json.dumps({
        "benchmark": "endpoint",
        "rounds": options.rounds,
        "secondsEach": options.seconds,
        "ratio": aim["ratio"],
        "strongest": aim["strongest"],
        **{name: aim[name]["requestsPerSecond"] for name in ("nginx", "webdis", "express")},
        "p99OfNginx": aim["nginx"]["p99"],
        "cpuOfNginx": aim["nginx"]["cpu"],
        "othersCores": round(others, 2),
        "idleConnectionsMiB": round(idle["activityd"]["bytes"] / MEBIBYTE, 1),
        "ratios": comparisons,
        "results": [{"case": case, "connections": connections, "server": name,
                     **{field: round(value, 2) for field, value in figure.items()}}
                    for (case, connections, name), figure in results.items()],
        "idle": idle,
    }))


def load_cost(results):
    return statistics.median(figure["loadMicroseconds"] for (case, connections, _), figure in results.items()
                             if (case, connections) == (AIM_CASE, AIM_CONNECTIONS))
