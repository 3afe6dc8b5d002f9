"""The versions that a figure and its numbers depend on."""

from functools import cache

from actplot.installed import version

# The packages whose versions can change a byte.
_MAKERS = ("actplot", "torch", "matplotlib", "numpy", "pillow", "noto-cjk-sans-otc")


@cache
def versions(*more: str) -> dict[str, str]:
    """The version of each package, and of those named, without what a build adds to it (``+cpu``)."""
    return {name: version(name).partition("+")[0] for name in (*_MAKERS, *more)}
