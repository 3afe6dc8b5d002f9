"""Times the gallery against the plain loop, pair by pair in one run: ``python benchmarks/gallery.py [ROUNDS]``.

Prints figures per second, start-up included, the median of the ratios, and the memory that the whole tree of processes
takes at its highest, for one gallery and for ten times as many figures.
"""

import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
GALLERY = [sys.executable, "-m", "actplot", "gallery", "--quiet", "--out"]
LOOP = [sys.executable, str(HERE / "loop.py")]


def seconds(command: list[str]) -> tuple[float, int]:
    """Wall time of one run and the number of pictures it made."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run([*command, folder], check=True)
        return time.perf_counter() - start, len(list(Path(folder).glob("*.png")))


def memory(process: int) -> float:
    """Proportional memory of a process and its children, in MiB: shared pages are counted once."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return 0.0
    own = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024
    return own + sum(memory(int(child)) for child in children)


def highest_memory(times: int) -> float:
    """The highest memory of the tree while it draws the catalog ``times`` times over, in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        code = (
            "from pathlib import Path\nfrom actplot.functions.catalog import CATALOG\nfrom actplot.gallery.build import Plan, draw_all\n"
            "from actplot.functions.registry import PlotSpec\n"
            f"all = [PlotSpec(f'{{e.name}}{{i}}', (e.bind(),), lambda _: []) for i in range({times}) for e in CATALOG.values()]\n"
            "look = dict(order=1, lang='zh', layout='side', style=None, font=None, size=(10.0, 4.0), dpi=150.0)\n"
            "plan = Plan(tuple(all), lambda r, d: r.name, ('png',), dict(range=None, samples=1000), look, 2)\n"
            f"assert not any(outcome.error for outcome in draw_all(plan, Path({folder!r})))\n"
        )
        run = subprocess.Popen([sys.executable, "-c", code])
        seen = [0.0]
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.02):
                seen.append(memory(run.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        run.wait()
        done.set()
        watcher.join()
        assert run.returncode == 0
        return max(seen)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seconds(LOOP), seconds(GALLERY)  # byte code and disk cache
    pairs = [(seconds(LOOP), seconds(GALLERY)) for _ in range(rounds)]
    for name, index in (("loop", 0), ("gallery", 1)):
        took, count = median(pair[index][0] for pair in pairs), pairs[0][index][1]
        print(f"{name:<10}{took:6.2f} s  {count} figures  {count / took:6.1f} a second")
    print(f"{'ratio':<10}{median(loop[0] / gallery[0] for loop, gallery in pairs):6.2f}")
    for times in (1, 10):
        print(f"highest memory with {times} x the figures: {highest_memory(times):.0f} MiB")


if __name__ == "__main__":
    main()
