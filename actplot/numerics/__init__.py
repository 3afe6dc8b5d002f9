"""What is true of a function: its derivatives, breaks, curve and facts, and experiments with it.

Imports torch through the door, NumPy and SciPy; no matplotlib and no typer.
"""
