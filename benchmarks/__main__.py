"""Measures actplot beside what its users would run instead, pair by pair in one run.

    python -m benchmarks                        every row
    python -m benchmarks figure gallery.cold    the rows whose key begins so
    python -m benchmarks --json results.json    and everything measured as JSON

The ratio is the median over the pairs: a machine that slows down slows both halves of a pair. It exits with 1 where a
target is missed.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import CommandFailed
from benchmarks.report import Result, heading, machine, markdown, table
from benchmarks.rows import all_rows


def main() -> int:
    parser = argparse.ArgumentParser("benchmarks", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("keys", nargs="*", metavar="KEY", help="the beginning of a row's key; all rows without")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="pairs of each row (7)")
    parser.add_argument("--json", metavar="FILE", help="where everything measured is written")
    parser.add_argument("--markdown", action="store_true", help="the table as the README shows it")
    parser.add_argument("--no-memory", action="store_true", help="do without the runs that measure memory")
    given = parser.parse_args()
    about = machine()
    results, failures = [], []
    with tempfile.TemporaryDirectory() as folder:
        rows = list(all_rows(Path(folder)))
        chosen = [row for row in rows if not given.keys or row.key.startswith(tuple(given.keys))]
        if not chosen:
            parser.error(f"there are these rows: {', '.join(row.key for row in rows)}")
        for row in chosen:
            print(f"{row.title} ...", file=sys.stderr, flush=True)
            try:
                pairs = tuple(row.pairs(given.rounds))
                peaks = row.peaks() if row.peaks is not None and not given.no_memory else None
            except CommandFailed as error:  # the other rows are worth knowing
                failures.append(f"{row.key}: {error}")
            else:
                results.append(Result(row, pairs, peaks))
    print(heading(about))
    print(*(markdown if given.markdown else table)(results), sep="\n")
    for result in results:
        print(*result.row.notes(), sep="\n", end="\n" if result.row.notes() else "")
    missed = [result for result in results if result.missed]
    print(f"{len(missed)} of {sum(result.row.most is not None for result in results)} targets missed")
    if given.json:
        measured = {"machine": about, "rows": [result.as_json() for result in results]}
        Path(given.json).write_text(json.dumps(measured, indent=2) + "\n", "utf-8")
    print(*failures, sep="\n", file=sys.stderr)
    return 1 if missed or failures else 0


if __name__ == "__main__":
    sys.exit(main())
