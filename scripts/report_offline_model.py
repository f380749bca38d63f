"""Ask the offline model every question of the sets and print the table of docs/offline-model.md.

python scripts/report_offline_model.py            # the table
python scripts/report_offline_model.py --failures # and each question that was not answered rightly
python scripts/report_offline_model.py --tuned    # without the held-out questions, for work on the engine
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.qa.offline.questions import SETS, Asked, ask, questions, sqlite_place


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--failures", action="store_true", help="also print what was refused or wrong")
    parser.add_argument("--tuned", action="store_true", help="leave the held-out questions out")
    options = parser.parse_args()
    everything: dict[tuple[str, bool], list[Asked]] = {}
    milliseconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in SETS:
            with sqlite_place(name, Path(folder)) as place:
                for question in questions(name):
                    if question.held_out and options.tuned:
                        continue
                    start = time.process_time()
                    asked = ask(question, place)
                    milliseconds.append((time.process_time() - start) * 1000)
                    everything.setdefault((name, question.held_out), []).append(asked)
    _print_table(everything)
    milliseconds.sort()
    middle, last = milliseconds[len(milliseconds) // 2], milliseconds[-1]
    print(f"\nCPU per question, running the statement included: median {middle:.1f} ms, slowest {last:.1f} ms.")
    if options.failures:
        _print_failures(everything)


def _print_table(everything: dict[tuple[str, bool], list[Asked]]) -> None:
    print("| schema | questions | asked | right | refused | wrong | share right |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for (name, held_out), asked in everything.items():
        print(_line(name, "held out" if held_out else "tuned on", asked))
    print(_line("all", "", [a for asked in everything.values() for a in asked]))


def _line(name: str, part: str, asked: Sequence[Asked]) -> str:
    counts = [sum(a.verdict == verdict for a in asked) for verdict in ("right", "refused", "wrong")]
    right, refused, wrong = counts
    return f"| {name} | {part} | {len(asked)} | {right} | {refused} | {wrong} | {right / len(asked):.0%} |"


def _print_failures(everything: dict[tuple[str, bool], list[Asked]]) -> None:
    for (name, held_out), asked in everything.items():
        for a in asked:
            if a.verdict != "right":
                print(f"\n{name}{', held out' if held_out else ''}, {a.verdict}: {a.question.text}\n  {a.reply}")


if __name__ == "__main__":
    main()
