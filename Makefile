# The verbs of everyday work, inside the virtual environment.
.PHONY: check test baseline gallery benchmark

check:
	ruff check .
	ruff format --check .
	mypy

test:
	pytest

baseline:
	pytest tests/test_snapshots.py -n 0 -W ignore::UserWarning --mpl-generate-path=tests/baseline

gallery:
	actplot gallery --out gallery

benchmark:
	python benchmarks/startup.py
	python benchmarks/gallery.py
