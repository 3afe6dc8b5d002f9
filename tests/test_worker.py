"""The second process: results and errors travel back, and its death is noticed."""

import sys

import pytest
from command import script

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="a second process is started on Linux alone")

_PRELUDE = """
import os, signal, sys
from actplot import errors
from actplot.language import Text
from actplot.worker import Job

def outcome(task):
    try:
        return Job(task).result()
    except errors.ActplotError as error:
        return f"{type(error).__name__}: {error}"
"""


def printed(code: str) -> list[str]:
    """The lines that a piece of Python prints which knows ``Job``, ``outcome`` and no torch."""
    return script(_PRELUDE + code).splitlines()


@on_linux
def test_the_result_comes_from_another_process() -> None:
    lines = printed("""
job = Job(lambda: (os.getpid(), {"values": [1.5, None]}))
pid, values = job.result()
print(job.is_elsewhere, pid != os.getpid(), values)
""")
    assert lines == ["True True {'values': [1.5, None]}"]


@on_linux
def test_more_than_a_pipe_holds_comes_through() -> None:
    assert printed("print(len(outcome(lambda: bytes(20_000_000))))") == ["20000000"]


@on_linux
def test_it_works_while_this_process_does_something_else() -> None:
    lines = printed("""
read, write = os.pipe()
job = Job(lambda: os.write(write, b"working"))
print(os.read(read, 7), job.result())
""")
    assert lines == ["b'working' 7"]


@on_linux
def test_every_error_travels_whole() -> None:
    lines = printed("""
def classes(base):
    return [base, *(each for child in base.__subclasses__() for each in classes(child))]

def fail(kind):
    raise kind(Text("what is wrong", "什么不对"), Text("what to do", "怎么办"))

for kind in classes(errors.ActplotError):
    try:
        Job(lambda: fail(kind)).result()
    except errors.ActplotError as error:
        assert (type(error), error.parts("zh")) == (kind, ("什么不对", "怎么办")), repr(error)
        print(kind.__name__, error.exit_code, error)
""")
    assert len(lines) >= 10
    assert "BadValue 2 what is wrong; what to do" in lines
    assert "CannotWrite 1 what is wrong; what to do" in lines


@on_linux
@pytest.mark.parametrize(
    ("task", "code"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "-9"),
        ("os._exit(7)", "7"),
        ("1 / 0", "1"),
        ("sys.modules", "1"),  # nothing that can be sent
    ],
    ids=["killed", "exits", "raises", "unsendable"],
)
def test_a_process_that_dies_is_an_error(task: str, code: str) -> None:
    assert printed(f"print(outcome(lambda: {task}))") == [
        f"CannotDo: the process that computes died (exit code {code}); try fewer samples"
    ]


@on_linux
def test_what_was_printed_before_is_printed_once() -> None:
    assert printed("print('before'); outcome(os.getpid); print('after')") == ["before", "after"]


@on_linux
def test_a_job_can_be_called_off() -> None:
    lines = printed("""
import time
job = Job(lambda: time.sleep(50))
job.cancel()
try:
    job.result()
except errors.CannotDo:
    print("called off")
""")
    assert lines == ["called off"]


@pytest.mark.parametrize(
    "why",
    [
        "sys.modules['torch'] = object()",
        "sys.platform = 'darwin'",
        "import multiprocessing.context as c\ndef full(self): raise BlockingIOError\nc.ForkProcess.start = full",
    ],
    ids=["torch-is-loaded", "another-system", "no-room-for-a-process"],
)
def test_without_a_second_process_the_task_runs_here(why: str) -> None:
    lines = printed(f"""
{why}
calls = []
job = Job(lambda: calls.append(1) or os.getpid())
print(job.is_elsewhere, list(calls), job.result() == os.getpid(), calls)
try:
    Job(lambda: 1 / 0).result()
except ZeroDivisionError:
    print("raised here")
""")
    assert lines == ["False [] True [1]", "raised here"]


@pytest.mark.parametrize("here", [pytest.param(False, marks=on_linux), True])
def test_a_job_that_stays_answers_calls(here: bool) -> None:
    lines = printed(f"""
def root(x):
    if x < 0:
        raise errors.BadValue(Text(f"{{x}} is negative", f"{{x}} 是负数"))
    return x ** 0.5, os.getpid()
job = Job(lambda: os.getpid(), here={here}, stays=True)
worker = job.result()
print(worker == os.getpid())
for x in (4, -1, 9):
    try:
        value, process = job.call(root, x=x)
        print(value, process == worker)
    except errors.BadValue as error:
        print(error)
""")
    assert lines == [str(here), "2.0 True", "-1 is negative", "3.0 True"]


@on_linux
def test_the_death_of_a_job_that_stays_is_noticed() -> None:
    lines = printed("""
job = Job(lambda: 1, stays=True)
job.result()
for _ in range(2):
    try:
        job.call(os._exit, 3)
    except errors.CannotDo as error:
        print(error)
""")
    assert lines == ["the process that computes died (exit code 3); try fewer samples"] * 2
