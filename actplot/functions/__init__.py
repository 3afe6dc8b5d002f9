"""What a function is and where one comes from: the catalog, formulas, expressions, callables of the user's own.

Imports nothing heavy; torch comes through the door, :mod:`actplot.functions._torch`.
"""
