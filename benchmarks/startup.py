"""Times whole commands against the usual script, pair by pair in one run: ``python benchmarks/startup.py [ROUNDS]``.

Prints the median of the ratios of each pair; a machine that slows down slows both halves of a pair.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
ACTPLOT = [sys.executable, "-m", "actplot"]
COMMANDS = {
    "actplot sigmoid --range -10 10 --out x.png": [*ACTPLOT, "sigmoid", "--range", "-10", "10", "--out", "x.png"],
    "actplot --help": [*ACTPLOT, "--help"],
    "actplot list": [*ACTPLOT, "list"],
    "actplot boundary --out x.png": [*ACTPLOT, "boundary", "--out", "x.png"],
    "actplot depth --out x.png": [*ACTPLOT, "depth", "--out", "x.png"],
}


def seconds(command: list[str], folder: str) -> float:
    """The wall time of one run."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as folder:
        script = [sys.executable, str(HERE / "script.py"), "script.png"]
        for warm in (script, *COMMANDS.values()):  # byte code and disk cache
            seconds(warm, folder)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
        for _ in range(rounds):
            for name, command in COMMANDS.items():
                times[name].append((seconds(script, folder), seconds(command, folder)))
    print(f"{'command':<46}{'script':>9}{'command':>10}{'ratio':>8}")
    for name, pairs in times.items():
        ours, theirs = median(pair[1] for pair in pairs), median(pair[0] for pair in pairs)
        print(f"{name:<46}{theirs:>7.2f} s{ours:>8.2f} s{median(b / a for a, b in pairs):>8.2f}")


if __name__ == "__main__":
    main()
