"""The examples in docstrings do what they say."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import actplot

ROOT = Path(actplot.__file__).parent
MODULES = [
    ".".join(("actplot", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in sorted(ROOT.rglob("*.py"))
    if ">>> " in path.read_text("utf-8")
]


def test_what_users_call_has_examples() -> None:
    for name in ("evaluate", "sample"):
        assert ">>> " in (getattr(actplot, name).__doc__ or "")


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    failed, attempted = doctest.testmod(import_module(name))
    assert attempted
    assert not failed
