"""Figures in a browser: as one HTML file, and served to this machine.

Imports no torch and no pyplot.
"""
