"""Puts the results of all sections into one JSON object, which is the last line, and fails when one of them did."""

import json
import sys


def main():
    merged, failures = {"benchmark": "detection"}, []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as result:
            section = json.load(result)
        failures += section.pop("failures", [])
        merged.update(section)
    merged["failures"] = failures
    print(json.dumps(merged))
    sys.exit(1 if merged.get("failures") else 0)


if __name__ == "__main__":
    main()
