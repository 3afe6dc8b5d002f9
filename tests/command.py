"""Commands in processes of their own, as a shell starts them, without a display."""

import os
import signal
import subprocess
import sys
from pathlib import Path

# What would make a command do something else than it does in an ordinary shell without a screen.
_UNSET = {
    "ACTPLOT_LANG",
    "DISPLAY",
    "FORCE_COLOR",
    "GITHUB_ACTIONS",
    "MPLBACKEND",
    "PYTHONUNBUFFERED",
    "PY_COLORS",
    "WAYLAND_DISPLAY",
}


def environment(**more: str) -> dict[str, str]:
    """The environment of this process without a display and without settings of actplot's."""
    return {name: value for name, value in os.environ.items() if name not in _UNSET} | more


def start(*words: str, cwd: Path, **more: str) -> subprocess.Popen[bytes]:
    """A command that runs, in a process group of its own, and whose output is caught."""
    return subprocess.Popen(
        [sys.executable, "-m", "actplot", *words],
        cwd=cwd,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finish(running: subprocess.Popen[bytes]) -> tuple[int, bytes, str]:
    """Exit code, stdout and stderr of a command that was started; one that hangs is killed with all it started."""
    try:
        out, err = running.communicate(timeout=100)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        raise
    return running.returncode, out, err.decode()


def run(*words: str, cwd: Path, **more: str) -> tuple[int, bytes, str]:
    """Exit code, stdout and stderr of a command."""
    return finish(start(*words, cwd=cwd, **more))


def script(code: str, *words: str, **more: str) -> str:
    """What a piece of Python prints that runs in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=environment(**more), capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def peak(*words: str, cwd: Path) -> int:
    """The bytes that the largest process of a command held at its most; the command must succeed."""
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run([sys.executable, '-m', 'actplot', *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=cwd, env=environment(), capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)
