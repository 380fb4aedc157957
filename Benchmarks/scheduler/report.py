"""Makes a table and one JSON object of what was measured."""

import json
import statistics

# https://github.com/citusdata/pg_cron/issues/401: 1.6 at an interval of one second. Cited, not measured here.
CITED_PERIOD_SECONDS = 1.0059


def percentile(values, share):
    """The nearest-rank percentile; the highest value when there are few."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def lateness_of_one(turns):
    values = [late for turn in turns if turn["jobs"] == 1 for late in turn["lateness"]]
    return {"p50": statistics.median(values), "max": max(values), "samples": len(values)}


def lateness_of_many(turns):
    rounds = [turn["lateness"] for turn in turns if turn["jobs"] > 1]
    return {
        "jobs": len(rounds[0]),
        "first": statistics.median(late[0] for late in rounds),
        "median": statistics.median(statistics.median(late) for late in rounds),
        "last": statistics.median(late[-1] for late in rounds),
        "worstLast": max(late[-1] for late in rounds),
    }


def of_one(quiet, name, field):
    """What one run adds to a minute without any, less the job's own commit."""
    return quiet["one"][name][field] - quiet["baseline"][name][field] - 1


def of_many(measurement, name, field):
    """The same for each of many runs; the daemon's own jobs are those of the minutes with one job."""
    one, many = (
        [turn for turn in measurement.turns if turn["peer"] == name and (turn["jobs"] > 1) == is_many]
        for is_many in (False, True))
    baseline = statistics.median(turn["used"][name][field] for turn in one) - 1 - of_one(measurement.quiet, name, field)
    return statistics.median((turn["used"][name][field] - baseline) / turn["jobs"] - 1 for turn in many)


def side(measurement, peer):
    name, quiet = peer.name, measurement.quiet
    own = [turn for turn in measurement.turns if turn["peer"] == name]
    idle = [turn["used"][name] for turn in measurement.turns if turn["peer"] != name]
    return {
        "oneJobMilliseconds": lateness_of_one(own),
        "manyJobsMilliseconds": lateness_of_many(own),
        "writingCommitsPerRun": {
            "one": of_one(quiet, name, "writes"),
            "many": of_many(measurement, name, "writes"),
        },
        "countedCommitsPerRun": {
            "one": of_one(quiet, name, "commits"),
            "many": of_many(measurement, name, "commits"),
        },
        "idleCPUSecondsPerMinute": {
            "withoutBuiltInJobs": quiet["idleCPU"][name],
            "withDefaults": sum(used["cpu"] for used in idle) / sum(used["seconds"] for used in idle) * 60,
        },
    }


def drift(stretches):
    late = [at % 1 * 1e3 for starts in stretches for at in starts]
    slots = sum(round(int(starts[-1]) - int(starts[0])) + 1 for starts in stretches)
    return {
        "slots": slots,
        "starts": len(late),
        "meanPeriodSeconds": sum(starts[-1] - starts[0] for starts in stretches)
        / sum(len(starts) - 1 for starts in stretches),
        "p50": statistics.median(late),
        "p99": percentile(late, 0.99),
        "max": max(late),
    }


def ratios(ours, theirs):
    def ratio(better, worse):
        return round(worse / better, 2) if better > 0 else None

    return {
        "oneJobP50": ratio(ours["oneJobMilliseconds"]["p50"], theirs["oneJobMilliseconds"]["p50"]),
        "oneJobMax": ratio(ours["oneJobMilliseconds"]["max"], theirs["oneJobMilliseconds"]["max"]),
        **{f"manyJobs{part.capitalize()}": ratio(
            ours["manyJobsMilliseconds"][part], theirs["manyJobsMilliseconds"][part])
           for part in ("first", "median", "last")},
        "writingCommitsManyJobs": ratio(ours["writingCommitsPerRun"]["many"], theirs["writingCommitsPerRun"]["many"]),
        "writingCommitsOneJob": ratio(ours["writingCommitsPerRun"]["one"], theirs["writingCommitsPerRun"]["one"]),
        "idleCPUWithoutBuiltInJobs": ratio(
            ours["idleCPUSecondsPerMinute"]["withoutBuiltInJobs"],
            theirs["idleCPUSecondsPerMinute"]["withoutBuiltInJobs"]),
        "idleCPUWithDefaults": ratio(
            ours["idleCPUSecondsPerMinute"]["withDefaults"], theirs["idleCPUSecondsPerMinute"]["withDefaults"]),
    }


def rows(ours, theirs, factors):
    """Title, the path to both figures, digits, and the ratio's name."""
    many = ours["manyJobsMilliseconds"]["jobs"]
    for title, path, digits, factor in (
            ("one job: start after the minute, p50, ms", ("oneJobMilliseconds", "p50"), 1, "oneJobP50"),
            ("one job: the latest, ms", ("oneJobMilliseconds", "max"), 1, "oneJobMax"),
            (f"{many} jobs: first start, ms", ("manyJobsMilliseconds", "first"), 1, "manyJobsFirst"),
            (f"{many} jobs: median start, ms", ("manyJobsMilliseconds", "median"), 1, "manyJobsMedian"),
            (f"{many} jobs: last start, ms", ("manyJobsMilliseconds", "last"), 1, "manyJobsLast"),
            ("one job: commits that write", ("writingCommitsPerRun", "one"), 0, "writingCommitsOneJob"),
            (f"{many} jobs: commits that write, each", ("writingCommitsPerRun", "many"), 2, "writingCommitsManyJobs"),
            ("one job: commits that the server counts", ("countedCommitsPerRun", "one"), 0, None),
            (f"{many} jobs: commits that it counts, each", ("countedCommitsPerRun", "many"), 2, None),
            ("idle, no jobs at all: CPU ms a minute", ("idleCPUSecondsPerMinute", "withoutBuiltInJobs"), 3,
             "idleCPUWithoutBuiltInJobs"),
            ("idle, default settings: CPU ms a minute", ("idleCPUSecondsPerMinute", "withDefaults"), 3,
             "idleCPUWithDefaults")):
        figures = []
        for figure in (ours, theirs):
            for part in path:
                figure = figure[part]
            figures.append(f"{figure * 1e3:.0f}" if "CPU" in title else f"{figure:.{digits}f}")
        yield [title, *figures, "-" if factors.get(factor) is None else f"{factors[factor]:.2f}"]


def print_table(table):
    widths = [max(len(cells[column]) for cells in table) for column in range(len(table[0]))]
    print()
    for cells in table:
        print("  ".join([cells[0].ljust(widths[0])] + [
            cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])]))


def print_report(measurement, rounds, load):
    ours, theirs = side(measurement, measurement.ours), side(measurement, measurement.theirs)
    seconds, factors = drift(measurement.stretches), ratios(ours, theirs)
    extension = f"pg_cron {measurement.theirs.version}"
    print_table([["", "activityd", extension, "ratio"], *rows(ours, theirs, factors)])
    print(f"\nactivityd, one job a second: {seconds['starts']} starts for {seconds['slots']} slots, mean period "
          f"{seconds['meanPeriodSeconds']:.6f} s, after the second p50 {seconds['p50']:.1f} ms, "
          f"p99 {seconds['p99']:.1f} ms, latest {seconds['max']:.1f} ms.")
    print(f"{extension} knows no intervals; of 1.6 its users report a period of {CITED_PERIOD_SECONDS} s (cited).")
    print(f"\nRounds: {rounds}, medians. A start is the moment at which the job's own INSERT runs on the server.")
    print("The peers take turns. activityd runs with its own jobs at their defaults, except where it says: no jobs at")
    print("all. Commits are those for a run beside the job's own: those that write, by transaction numbers, and all")
    print("that pg_stat_database counts, to which the extension's launcher reports none (so no ratio).")
    print("CPU is that of the daemon with its sessions on the server, and that of the extension's launcher.")
    print(json.dumps({
        "benchmark": "scheduler",
        "rounds": rounds,
        "ratio": min(factors["oneJobP50"], factors["manyJobsLast"]),
        "ratios": factors,
        "activityd": ours,
        "pg_cron": dict(theirs, version=measurement.theirs.version),
        "oneSecond": dict(seconds, citedMeanPeriodSecondsOfPgCron16=CITED_PERIOD_SECONDS),
        "loadAverage": load,
    }))
