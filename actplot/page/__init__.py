"""Figures in a browser: as one HTML file, in a notebook, and served to this machine.

Imports no torch and no matplotlib. ``actplot.page(curve)``, which is this folder called, makes a page for a notebook.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actplot.page.notebook import Page


class _CallableModule(ModuleType):
    """A module with the name of the function that users call."""

    def __call__(self, *sources: Any, **options: Any) -> "Page":
        from actplot.page.notebook import page

        return page(*sources, **options)


sys.modules[__name__].__class__ = _CallableModule
