"""``python -m actplot``, and the console script: as little as possible before the interpreter is set up."""

import contextlib
import gc
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

_INTERRUPTED = 130


def main() -> None:
    """Runs the command line and exits."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # whoever called may have it ignored
        signal.signal(signal.SIGINT, _interrupt)
    # A short-lived process gains nothing from looking for cycles, and loses a fifth of its time.
    gc.disable()
    for name in ("stdout", "stderr"):  # closed by whoever called
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - as long as the process
    try:
        from actplot.cli import main as run

        code = run()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the result is there
    except KeyboardInterrupt:  # just before or after the command line, which has its own answer to it
        _end()
    if code == _INTERRUPTED:
        _leave()
    gc.freeze()
    sys.exit(code)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ctrl-C: an exception, except while modules are loaded.

    Initializers of extension modules abort, report another error or swallow it when an exception reaches them. Nothing
    is written then that would have to be put right, so the process ends.
    """
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            _end()
        frame = frame.f_back
    # Objects that the exception leaves half made are of no interest, nor are complaints of their finalizers.
    sys.unraisablehook = lambda _: None
    raise KeyboardInterrupt


def _end() -> NoReturn:
    """Ends the process with the line of a command that was interrupted."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    said = "interrupted"
    with contextlib.suppress(Exception):  # where this comes in the midst of loading it
        from actplot.language import INTERRUPTED, language_of_command

        said = INTERRUPTED[language_of_command(sys.argv[1:], os.environ)]
    with contextlib.suppress(OSError, AttributeError):
        os.write(2, f"actplot: {said}\n".encode(sys.stderr.encoding, "replace"))
    _leave()


def _leave() -> NoReturn:
    """Ends the process as interrupted, without the interpreter's own end.

    That kills the process with SIGINT, whatever its exit code, where the exception has passed through ``exec``.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError, RuntimeError):
            stream.flush()
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
