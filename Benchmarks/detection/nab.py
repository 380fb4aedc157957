"""The volume detector on the Numenta Anomaly Benchmark, with the shipped thresholds and with thresholds that were tuned
on other series than those they are judged by; and what a point costs."""

import argparse
import csv
import json
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random

import nab_score
import numpy

PROFILES = list(nab_score.PROFILES)
# As published: standard, low false positives, low false negatives.
PUBLISHED = {
    "ARTime": (74.9, 65.1, 80.4),
    "Numenta HTM": (70.5, 62.6, 75.2),
    "CAD OSE": (69.9, 67.0, 73.2),
    "Random Cut Forest": (51.7, 38.4, 59.7),
    "Twitter ADVec": (47.1, 33.6, 53.5),
}
STRONGEST = "ARTime"
# Where thresholds are looked for, at random. A grid with the shipped values in it would lead back to them.
RANGES = {
    "rareValue": (4.0, 10.0),
    "rareBurst": (0.5, 6.0),
    "rareLevel": (4.0, 10.0),
    "offProfile": (3.0, 12.0),
    "profileGain": (0.1, 1.0),
    "hold": (10, 200),
    "barStep": (0.0, 2.0),
}
TRIALS = 1000
PARTITIONS = 20
FOLDS = 4
PREDECESSORS_DEVIATIONS = 3


class Program:
    """`activityd backtest` on series of the corpus."""

    def __init__(self, options):
        self.path, self.directory = options.activityd, options.scratch
        self.data = os.path.join(options.data, "data", "nab", "data")
        # More processes than that only wait for each other.
        self.pool = ThreadPoolExecutor(os.cpu_count())

    def lines(self, series, *arguments):
        """What one run prints, line by line."""
        command = [self.path, "backtest", "--csv", os.path.join(self.data, series), *arguments]
        # In the scratch directory, so that no .env of the project changes what is measured.
        done = subprocess.run(command, cwd=self.directory, stdout=subprocess.PIPE, check=True, env={})
        return [json.loads(line) for line in done.stdout.splitlines()]

    def on_all(self, corpus, *arguments):
        """What a run for each series prints, by series."""
        runs = self.pool.map(lambda series: self.lines(series, *arguments), corpus)
        return dict(zip(corpus, runs))


def detections(corpus, rows):
    """Rows of alerts as the scorer wants them: a number for each row."""
    scores = {}
    for series, file in corpus.items():
        scores[series] = numpy.zeros(file.n)
        scores[series][list(rows[series])] = 1
    return scores


def score(corpus, rows):
    """The scores of all profiles, in their order."""
    results = nab_score.score_all(detections(corpus, rows), thr_fixed=1.0)
    return [float(results[profile]["score"]) for profile in PROFILES]


def predecessors_alerts(file):
    """A value further from the mean of all before it than three of their standard deviations."""
    past = numpy.maximum(1, numpy.arange(file.n))
    mean = (numpy.cumsum(file.v) - file.v) / past
    square = (numpy.cumsum(file.v**2) - file.v**2) / past
    deviation = numpy.sqrt(numpy.maximum(0, square - mean**2))
    return numpy.nonzero(numpy.abs(file.v - mean) > PREDECESSORS_DEVIATIONS * deviation)[0]


def differences_from_golden(options, alerts):
    """Alerts that only the program or only the reference raises."""
    with open(os.path.join(options.data, "data", "rarity_golden.csv"), newline="", encoding="utf-8") as golden:
        wanted = {(line["file"], int(line["row"]), line["reason"]) for line in csv.DictReader(golden)}
    found = {(series, alert["row"], alert["reason"]) for series, found in alerts.items() for alert in found}
    return len(wanted ^ found)


def gain(file, rows, profile):
    """What a series adds to the corpus's raw score: the scorer's sum for alerts that all weigh the same."""
    true, missed, false = nab_score.PROFILES[profile]
    total, best = 0.0, {}
    for row in rows:
        window = file.wid[row]
        if window < 0:
            total += file.s[row] * false
        else:
            best[window] = max(best.get(window, 0), file.s[row] * true)
    return total + sum(best.values()) + missed * len(best)


def random_trials(random):
    """Thresholds, each evenly distributed over its range; whole numbers where the range has whole ends."""
    for _ in range(TRIALS):
        yield {
            name: random.randint(*ends) if isinstance(ends[0], int) else round(random.uniform(*ends), 2)
            for name, ends in RANGES.items()
        }


def held_out(corpus, program, options):
    """Scores of alerts by thresholds that were tuned on three folds and judged on the fourth, for several random
    partitions of the corpus into folds; and the thresholds that the first one chose."""
    random = Random(1)
    trials = list(random_trials(random))
    path = os.path.join(options.scratch, "trials")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(" ".join(f"{name}={value}" for name, value in trial.items()) + "\n" for trial in trials)
    rows = program.on_all(corpus, "--trials", path)
    gains = {
        series: numpy.array([gain(file, found, PROFILES[0]) for found in rows[series]])
        for series, file in corpus.items()
    }
    scores, chosen = [], []
    for partition in range(PARTITIONS):
        shuffled = random.sample(list(corpus), len(corpus))
        alerts = {}
        for judged in (shuffled[fold::FOLDS] for fold in range(FOLDS)):
            best = int(numpy.argmax(sum(gains[series] for series in corpus if series not in judged)))
            alerts.update({series: rows[series][best] for series in judged})
            if partition == 0:
                chosen.append(trials[best])
        scores.append(score(corpus, alerts))
    return numpy.array(scores), chosen


def print_scores(rows):
    width = max(len(name) for name, _ in rows)
    print(f"\n{'':{width}}  standard  low FP  low FN")
    for name, scores in rows:
        print(f"{name:{width}}  {scores[0]:8.2f}  {scores[1]:6.2f}  {scores[2]:6.2f}")


def main():
    parser = argparse.ArgumentParser()
    for name in ("activityd", "data", "scratch", "result"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    corpus = nab_score.load_corpus(os.path.join(options.data, "data", "nab"))
    points = sum(file.n for file in corpus.values())
    program = Program(options)
    print(f"==> Numenta Anomaly Benchmark: {len(corpus)} series, {points:,} points")

    alerts = program.on_all(corpus, "--json")
    shipped = {series: [alert["row"] for alert in found] for series, found in alerts.items()}
    scores = score(corpus, shipped)
    ungolden = differences_from_golden(options, alerts)
    check = sum(gain(file, shipped[series], PROFILES[0]) for series, file in corpus.items())
    windows = sum(len(file.win) for file in corpus.values())
    assert abs(100 * check / (2 * windows) - scores[0]) < 1e-9, "the tuning's score is not the scorer's"

    since = time.monotonic()
    held, chosen = held_out(corpus, program, options)
    print(f"==> tuned on three folds and judged on the fourth: {TRIALS} random settings, {PARTITIONS} random")
    print(f"    partitions, in {time.monotonic() - since:.0f} s; the first partition chose")
    for fold, trial in enumerate(chosen):
        print(f"    fold {fold + 1}: " + ", ".join(f"{name} {value}" for name, value in trial.items()))
    held_scores = [float(value) for value in held.mean(axis=0)]

    regular = {series: range(int(file.prob), file.n, 600) for series, file in corpus.items()}
    fixed = {series: predecessors_alerts(file) for series, file in corpus.items()}
    print_scores([
        ("activityd, as shipped", scores),
        ("activityd, held out, mean of partitions", held_scores),
        ("activityd, held out, worst partition", list(held.min(axis=0))),
        *((f"{name} (published)", published) for name, published in PUBLISHED.items()),
        ("predecessor: |z| > 3, run here", score(corpus, fixed)),
        ("an alert every 600 points", score(corpus, regular)),
    ])
    print("\nThe shipped thresholds were tuned on this corpus as a whole, which flatters them. Held out is what")
    print("thresholds are worth on series that they were not tuned on; what is measured, and over how many points,")
    print("was chosen with the whole corpus in view.")

    count = sum(len(rows) for rows in shipped.values())
    longest = max(corpus, key=lambda series: corpus[series].n)
    # The best of three, since what else runs on the machine takes caches too.
    cost = min((program.lines(longest, "--cost")[0] for _ in range(3)), key=lambda cost: cost["nanosecondsPerPoint"])
    nanoseconds = cost["nanosecondsPerPoint"]
    print(f"{count} alerts, {ungolden} other than the reference's. {nanoseconds:.0f} ns of processor time a point.")
    failures = ["golden"] if ungolden else []
    if scores[0] < PUBLISHED[STRONGEST][0]:
        failures.append("standard")
    with open(options.result, "w", encoding="utf-8") as result:
        json.dump({
            "ratio": round(scores[0] / PUBLISHED[STRONGEST][0], 4),
            "strongestPeer": STRONGEST,
            "nab": dict(zip(PROFILES, (round(value, 2) for value in scores))),
            "heldOut": dict(zip(PROFILES, (round(value, 2) for value in held_scores))),
            "alerts": count,
            "differencesFromReference": ungolden,
            "nanosecondsPerPoint": round(nanoseconds, 1),
            "failures": failures,
        }, result)


if __name__ == "__main__":
    main()
