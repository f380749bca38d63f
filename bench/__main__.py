"""All benchmarks, one after the other: `python -m bench`, or `python -m bench --quick` for a first look in a minute."""

import argparse
import os

from bench import beside, footprint, ingest, normalize, queries, runs, steady


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    print(f"{os.cpu_count()} CPU cores, load {os.getloadavg()[0]:.1f} at the start")
    ingest.main(spans=40_000 if quick else 200_000, runs=1 if quick else 3)
    runs.main(300 if quick else runs.REQUESTS)
    steady.main(40_000 if quick else steady.SPANS)
    normalize.main(3 if quick else normalize.ROUNDS)
    queries.main(traces=2_500 if quick else 25_000, rounds=10 if quick else queries.ROUNDS)
    beside.main(traces=2_500 if quick else 25_000, seconds=5 if quick else beside.SECONDS)
    footprint.main(quick)


if __name__ == "__main__":
    main()
