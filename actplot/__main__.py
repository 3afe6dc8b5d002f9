"""``python -m actplot``, and the console script: as little as possible before the interpreter is set up for speed."""

import gc
import os
import sys


def main() -> None:
    """Runs the command line and exits."""
    # A short-lived process gains nothing from looking for cycles, and loses a fifth of its time.
    gc.disable()
    for name in ("stdout", "stderr"):  # closed by whoever called
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - as long as the process
    try:
        from actplot.cli import main as run

        code = run()
    except KeyboardInterrupt:
        code = 130
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
