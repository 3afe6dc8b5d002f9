# The verbs of everyday work, inside the virtual environment.
.PHONY: accuracy check test baseline gallery pictures benchmark

check:
	ruff check .
	ruff format --check .
	mypy
	lint-imports

test:
	pytest

baseline:
	pytest tests/test_snapshots.py -n 0 -W ignore::UserWarning --mpl-generate-path=tests/baseline

gallery:
	actplot gallery --out gallery

pictures:
	actplot compare relu gelu silu mish --range -4 4 --lang en --out docs/compare.png
	actplot plot "tan(x)" --range -5 5 --lang en --out docs/tan.png
	actplot softmax --labels apple,banana,lemon,pear --lang en --out docs/softmax.png
	actplot bce --target 0 --target 0.5 --target 1 --lang en --out docs/bce.png
	actplot boundary --lang en --dpi 110 --out docs/boundary.png
	actplot depth --lang en --out docs/depth.png
	actplot elu --alpha 0.1 --alpha 3 --lang en --animate docs/sweep.gif
	python docs/pictures.py

accuracy:
	python docs/accuracy.py
	actplot audit gelu --dtype bfloat16 --lang en --out docs/audit.png

benchmark:
	python benchmarks/startup.py
	python benchmarks/gallery.py
	python benchmarks/live.py
	python benchmarks/page.py
	python benchmarks/audit.py
	python benchmarks/samples.py
