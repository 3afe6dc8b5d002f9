"""Numbers of a function: its derivatives, breaks, curve and facts, and experiments with it.

Imports NumPy and SciPy, and torch through :mod:`actplot.functions._torch`; no matplotlib and no typer.
"""
