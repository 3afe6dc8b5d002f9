# The verbs of everyday work, inside the virtual environment.
# The page's modules: format, and the types of their comments.
PRETTIER = npx --yes prettier@3.10.1
TSC = npx --yes -p typescript@7.0.2 tsc

.PHONY: accuracy check check-page release test test-release baseline gallery pictures benchmark

check:
	ruff check .
	ruff format --check .
	mypy
	lint-imports

check-page:
	cd actplot/page/js && $(PRETTIER) --check . && $(TSC)

test:
	pytest

# What is published: built, and checked as an index does it.
release:
	rm -rf dist
	python -m build --no-isolation --outdir dist
	twine check --strict dist/*
	@echo "next: make test-release, set the version in actplot/__init__.py and the date in CHANGELOG.md, tag, twine upload dist/*"

# The tests of the source distribution, against the installed wheel.
test-release:
	rm -rf build/release
	mkdir -p build/release
	tar xzf dist/*.tar.gz -C build/release --strip-components=1
	pip install -q --no-deps --target build/site --upgrade dist/*.whl
	cd build/release && PYTHONPATH=$(CURDIR)/build/site pytest $(TESTS)

baseline:
	pytest tests/test_snapshots.py -n 0 -W ignore::UserWarning --mpl-generate-path=tests/baseline

gallery:
	actplot gallery --out gallery

pictures:
	for lang in en zh; do \
	to=$$(test $$lang = zh && echo -zh.png || echo .png); \
	actplot compare relu gelu silu mish --range -4 4 --lang $$lang --out docs/compare$$to && \
	actplot plot "tan(x)" --range -5 5 --lang $$lang --out docs/tan$$to && \
	actplot bce --target 0 --target 0.5 --target 1 --lang $$lang --out docs/bce$$to && \
	actplot boundary --lang $$lang --dpi 110 --out docs/boundary$$to && \
	actplot depth --lang $$lang --out docs/depth$$to || exit 1; \
	done
	actplot softmax --labels apple,banana,lemon,pear --lang en --out docs/softmax.png
	actplot softmax --labels 苹果,香蕉,柠檬,梨 --lang zh --out docs/softmax-zh.png
	actplot elu --alpha 0.1 --alpha 3 --lang en --animate docs/sweep.gif
	python docs/pictures.py

accuracy:
	python docs/accuracy.py
	actplot audit gelu --dtype bfloat16 --lang en --out docs/audit.png
	actplot audit gelu --dtype bfloat16 --lang zh --out docs/audit-zh.png

benchmark:
	python -m benchmarks
