"""Runs commands in forks of this process, which has loaded what they need: a line of JSON in, a line of JSON out.

A fork begins with the modules named on the command line and with nothing else of its own, so that a command behaves as in
a fresh process where those are loaded, without the seconds that loading takes.
"""

import base64
import contextlib
import io
import json
import os
import sys
import tempfile
from importlib import import_module
from typing import Any, BinaryIO


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What a command has done: exit code, both outputs, and the modules that its process had loaded at its end."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as loaded:
        process = os.fork()
        if process == 0:
            run(asked, out, err, loaded)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        for file in (out, err, loaded):
            file.seek(0)
        return {
            "code": code,
            "out": base64.b64encode(out.read()).decode(),
            "err": err.read().decode(),
            "modules": loaded.read().decode().split(),
        }


def run(asked: dict[str, Any], out: BinaryIO, err: BinaryIO, loaded: BinaryIO) -> None:
    """Runs a command in this process and ends it."""
    from actplot.__main__ import main

    code: object = 1
    try:
        os.setsid()
        os.chdir(asked["cwd"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        for stream, file in enumerate((open(os.devnull), out, err)):  # noqa: SIM115 - as long as the process
            os.dup2(file.fileno(), stream)
        sys.argv, sys.path[0] = ["actplot", *asked["words"]], asked["cwd"]
        main()
    except SystemExit as end:
        code = end.code
    finally:
        loaded.write(" ".join(sys.modules).encode())
        for each in (sys.stdout, sys.stderr, loaded):
            each.flush()
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        import_module(name)
    with contextlib.redirect_stderr(io.StringIO()):  # a command that is wrong loads what typer parses with
        import_module("actplot.cli").main(["relu", "--range", "1", "1"])
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
