"""Every function as a picture: drawn by several processes, checked against a folder, and indexed.

Imports no typer and no pyplot; the index imports nothing heavy.
"""
