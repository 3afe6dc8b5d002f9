"""The command line: commands built from the catalog, and the one place where errors become lines and exit codes."""

from actplot.cli.app import main as main
