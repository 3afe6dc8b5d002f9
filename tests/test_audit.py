"""Audits: known bugs are found, what is right is not called wrong, and the command does as it says."""

import csv
import io
import json
import logging
import math
import os
import signal
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import torch
from command import Act, Forks, check_light_refusal, check_refusal, names, peak
from PIL import Image

from actplot.errors import BadValue, CannotDo, FunctionFailed
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function
from actplot.functions.source import function
from actplot.numerics.audit import run
from actplot.numerics.audit.formats import FORMATS, Inputs
from actplot.numerics.audit.measure import Plan, measure
from actplot.numerics.audit.result import Audit, Collector, Quantity
from actplot.numerics.audit.run import audit
from actplot.output.audit import summary, table
from actplot.plot.audit import Scale, columns, draw

MINE = """
import os, torch
from torch.nn.functional import silu

def naive_silu(x): return x / (1 + torch.exp(-x))
def planted(x): return torch.where((x > -3.8) & (x < -3.6), -silu(x), silu(x))
def flushed(x):
    y = torch.tanh(x)
    return torch.where(y.abs() < torch.finfo(x.dtype).tiny, y * 0, y)
def old_hard_swish(x): return torch.where(x < -3, x * 0, torch.where(x <= 3, x * (x + 3) / 6, x))
def bumpy(x): return torch.where((x > 1) & (x < 1.05), torch.tanh(x) - 0.125, torch.tanh(x))
def lopsided(x): return torch.where(x > 2, torch.tanh(x), -torch.tanh(-x) * 0.96875)
def random(x): return x + torch.rand_like(x)
def wider(x): return x.double()
def total(x): return x.sum()
def detached(x): return torch.tanh(x).detach()
def mixed(x): return torch.softmax(x, 0)
def raising(x): raise ValueError("not today")
def dying(x): os._exit(3)
"""


def mine(name: str) -> Function:
    return function(f"mine.py:{name}")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path


def kinds(quantity: Quantity) -> set[str]:
    return {finding.kind for finding in quantity.findings}


def finding(quantity: Quantity, kind: str) -> Any:
    return next(each for each in quantity.findings if each.kind == kind)


# What is known to be wrong


def test_gelu_loses_its_negative_tail_in_float32() -> None:
    result = audit(function("x*0.5*(1 + erf(x/2**0.5))"), function("gelu"), dtype="float32", inputs=1 << 16)
    lost = finding(result.f, "zero")
    assert lost.low < -12
    assert -6.2 < lost.high < -5.4
    tail = next(region for region in result.f.regions if region.low < -5 < region.high)
    assert tail.worst.ulps > 1e6
    assert tail.worst.confirmed
    plan = Plan(function("x*0.5*(1 + erf(x/2**0.5))"), function("gelu"), Inputs.of("float32", None))
    place = FORMATS["float32"].magnitude(5.0)
    at_five = measure(plan, place, place + 1).f
    with mpmath.workdps(30):
        truth = -5 * mpmath.ncdf(-5)
        off = abs(at_five.computed[1, 0] - truth)
        assert at_five.largest[1, 0] == pytest.approx(float(off / mpmath.mpf(2) ** -43), rel=1e-6)
        assert 0.01 < off / abs(truth) < 0.2  # published: 17 % in torch, depending on how erf is computed


def test_a_naive_silu_loses_its_tail_in_float16() -> None:
    for source in (mine("naive_silu"), function("x/(1 + exp(-x))")):
        result = audit(source, function("silu"), dtype="float16")
        lost = finding(result.f, "zero")
        assert (lost.low, lost.high) == pytest.approx((-12.2, -11.09), abs=0.01)
        assert result.gradient is not None
        assert finding(result.gradient, "nan").high == pytest.approx(-11.09, abs=0.01)
        assert result.gradient.max_ulp == math.inf


def test_a_naive_softplus_overflows() -> None:
    result = audit(function("log(1 + exp(x))"), function("softplus"), dtype="float16", forward_only=True)
    assert finding(result.f, "infinite").low == pytest.approx(11.09, abs=0.01)
    assert finding(result.f, "zero").high > -9.8
    assert result.gradient is None


def test_slopes_of_hard_swish_at_its_kinks_are_told_but_not_counted() -> None:
    result = audit(mine("old_hard_swish"), function("hard_swish"), dtype="float16")
    assert result.gradient is not None
    told = [each for each in result.gradient.findings if each.kind == "convention"]
    assert sorted((each.low, each.example.computed) for each in told) == [
        (-3, -0.5),
        (3, 1.5),
    ]  # older torch; now 0 and 1
    assert not any(region.low <= end <= region.high for region in result.gradient.regions for end in (-3, 3))
    assert "convention" not in kinds(audit(function("hard_swish"), dtype="float16").gradient)  # type: ignore[arg-type]


def test_a_planted_sign_error_is_found() -> None:
    result = audit(mine("planted"), function("silu"), dtype="bfloat16")
    assert result.gradient is not None
    for quantity in (result.f, result.gradient):
        wrong = finding(quantity, "sign")
        assert (wrong.low, wrong.high, wrong.count) == (-3.78125, -3.609375, 12)
        assert all(region.worst.confirmed for region in quantity.regions)


def test_flushed_subnormals_are_found() -> None:
    result = audit(mine("flushed"), function("tanh"), dtype="float16")
    lost = finding(result.f, "flushed")
    assert (lost.low, lost.high) == (-FORMATS["float16"].value(0x3FF), FORMATS["float16"].value(0x3FF))
    assert lost.count == 2 * 0x3FF - 2  # of the smallest one 0 is less than a unit away


def test_what_is_no_longer_monotone_or_odd_is_found() -> None:
    fallen = finding(audit(mine("bumpy"), function("tanh"), dtype="bfloat16").f, "rises")
    assert 0.99 < fallen.low <= fallen.high < 1.06
    result = audit(mine("lopsided"), function("tanh"), dtype="bfloat16")
    assert finding(result.f, "odd").low >= 2
    sound = audit(function("tanh"), dtype="float16", forward_only=True)
    assert not kinds(sound.f) & {"rises", "falls", "odd", "even"}


def test_what_torch_returns_at_infinity_is_held_against_the_limit() -> None:
    result = audit(function("silu"), dtype="float32", inputs=2000)
    assert finding(result.f, "limit").low == -math.inf


def test_approximations_are_told_apart() -> None:
    result = audit(function("gelu"), function("gelu_tanh"), dtype="float16", forward_only=True)
    assert result.f.max_ulp > 500


# What is right


@pytest.mark.parametrize("name", ["identity", "relu", "absolute", "binary_step", "hardshrink", "hardtanh", "sign"])
def test_exact_functions_have_no_error(name: str) -> None:
    for dtype in ("float16", "bfloat16"):
        result = audit(function(name), dtype=dtype)
        assert result.gradient is not None
        assert (result.f.max_ulp, result.gradient.max_ulp) == (0, 0)
        assert result.f.correctly_rounded == result.gradient.correctly_rounded == 1
        assert not kinds(result.f) - {"limit"}


def test_a_correctly_rounded_function_is_off_by_half_a_unit_at_most() -> None:
    def rounded(x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(x.double()).to(x.dtype)

    result = audit(Function("f", "f", {}, {}, rounded), function("sigmoid"), dtype="bfloat16", forward_only=True)
    assert result.f.max_ulp == pytest.approx(0.5, abs=1e-3)
    assert result.f.correctly_rounded > 0.9999


def test_shares_and_means_are_those_of_all_inputs() -> None:
    result = audit(function("swish"), dtype="float16", keep=True)
    for quantity, label in ((result.f, "y_ulp"), (result.gradient, "dy_ulp")):
        assert quantity is not None
        errors = result.table[label]
        assert errors.size == 63_488
        # Half a unit of a correctly rounded result is half a unit, whatever the last bits of the reference say.
        assert quantity.correctly_rounded == pytest.approx(np.mean(errors <= 0.5), abs=2e-5)
        assert quantity.within[10] == pytest.approx(np.mean(errors <= 10), abs=2e-5)
        assert quantity.mean == pytest.approx(errors.mean())
        assert quantity.max_ulp == pytest.approx(errors.max(), rel=1e-6)
        assert quantity.above == np.sum(errors > 1)
    x = result.table["x"]
    assert (np.diff(x) > 0).sum() == x.size - 2  # all but the two zeros
    assert result.table["hex"][0] == "0xfbff"


def test_nothing_is_expected_outside_of_a_domain() -> None:
    result = audit(function("bce"), dtype="bfloat16")
    assert result.gradient is not None
    assert max(result.f.max_ulp, result.gradient.max_ulp) <= 0.5
    assert not result.f.findings
    assert result.f.counted == 16_256  # beyond 0, up to 1


def test_where_there_is_no_truth_a_number_is_wrong() -> None:
    def absolute(x: torch.Tensor) -> torch.Tensor:
        return torch.log(x.abs())

    result = audit(Function("f", "f", {}, {}, absolute), function("log(x)"), dtype="bfloat16")
    assert finding(result.f, "defined").high < 0


# However it is done


def numbers(result: Audit) -> str:
    return json.dumps(summary(result))


def test_chunks_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(function("gelu"), function("gelu"), Inputs.of("float32", 1 << 17))
    collectors = [Collector(plan), Collector(plan)]
    for collector, size in zip(collectors, (1 << 13, 1 << 14), strict=True):
        for ends in plan.inputs.chunks(size):
            collector.add(measure(plan, *ends))
    one, other = (collector.finish() for collector in collectors)
    assert one.covered == other.covered == plan.inputs.total
    assert numbers(one).replace(str(one.f.mean), "").replace(str(one.gradient.mean), "") == numbers(  # type: ignore[union-attr]
        other
    ).replace(str(other.f.mean), "").replace(str(other.gradient.mean), "")  # type: ignore[union-attr]
    assert one.f.mean == pytest.approx(other.f.mean)


def test_several_processes_give_the_same_as_one() -> None:
    one, several = (audit(function("mish"), dtype="float32", inputs=1 << 19, jobs=jobs) for jobs in (1, 2))
    assert numbers(one) == numbers(several)


def test_a_worker_that_dies_costs_its_chunk_a_second_try(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Mortal(Executor):
        def submit(self, task: Any, /, *arguments: Any, **named: Any) -> "Future[Any]":
            future: Future[Any] = Future()
            if task is measure and len(died) < deaths:
                died.append(arguments)
                future.set_exception(run.BrokenProcessPool("dead"))
            else:
                future.set_result(task(*arguments))
            return future

    monkeypatch.setattr(run, "ProcessPoolExecutor", lambda *arguments, **named: Mortal())
    died: list[Any] = []
    deaths = 1
    result = audit(function("tanh"), dtype="float32", inputs=1 << 16, jobs=2)
    assert numbers(result) == numbers(audit(function("tanh"), dtype="float32", inputs=1 << 16))
    assert len(died) == 1
    died, deaths = [], 99
    with pytest.raises(CannotDo, match="died twice"):
        audit(function("tanh"), dtype="float32", inputs=1 << 16, jobs=2)


@pytest.mark.slow
def test_dask_workers_give_the_same_though_one_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    inputs, pieces = Inputs.of("float32", 1 << 16), [(start, start + 4096) for start in range(0, 1 << 15, 4096)]
    monkeypatch.setattr(Inputs, "chunks", lambda self, most=0: iter(pieces))
    killed: list[int] = []

    def seen(done: int) -> None:
        if not killed:
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    quiet = dict(dashboard_address=None, worker_dashboard_address=None, silence_logs=logging.CRITICAL)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **quiet) as cluster:
        result = audit(
            function("mish"), dtype="float32", inputs=inputs.total, scheduler=cluster.scheduler_address, seen=seen
        )
    assert len(killed) == 1
    assert numbers(result) == numbers(audit(function("mish"), dtype="float32", inputs=inputs.total))


def test_a_scheduler_that_does_not_answer(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed")
    monkeypatch.setattr(run, "_PATIENCE", 0.1)
    words = ("audit", "gelu", "--out", "a.png", "--scheduler")
    check_refusal(act(*words, "tcp://127.0.0.1:9"), 1, "no Dask scheduler answers at tcp://127.0.0.1:9")
    check_refusal(act(*words, "127.0.0.1:9"), 2, "tcp://HOST:PORT")


def test_after_an_interruption_what_was_covered_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def seen(done: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Inputs, "chunks", lambda self, most=0: iter([(0, 4096), (4096, 8192)]))
    result = audit(function("tanh"), dtype="float32", inputs=1 << 14, seen=seen)
    assert (result.covered, result.is_complete) == (8192, False)
    assert "8,192 of 16,384" in table(result, "en")[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("random", "random"),
        ("wider", "float16 into float64"),
        ("total", "shape"),
        ("detached", "differentiate"),
        ("mixed", "elementwise"),
        ("raising", "not today"),
    ],
)
def test_what_is_no_activation_is_refused(name: str, words: str) -> None:
    with pytest.raises(FunctionFailed, match=words):
        audit(mine(name), function("gelu"), dtype="float16")


def test_a_derivative_can_be_left_out() -> None:
    assert audit(mine("detached"), function("tanh"), dtype="float16", forward_only=True).gradient is None


def test_float64_is_sampled() -> None:
    with pytest.raises(BadValue, match="float64"):
        audit(function("gelu"), dtype="float64")
    result = audit(function("tanh"), dtype="float64", inputs=2000)
    assert not result.is_exhaustive
    assert result.f.max_ulp < 1.01
    assert result.f.unproved == 0


needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device")


@needs_cuda
def test_cuda_goes_the_same_way() -> None:
    result = audit(function("gelu"), dtype="bfloat16", device="cuda")
    assert result.device.startswith("cuda")
    assert result.f.counted == 65_280
    assert result.f.correctly_rounded > 0.9


# The command


def test_a_table_a_picture_and_the_command_that_draws_it(act: Act, tmp_path: Path) -> None:
    answer = act("audit", "gelu", "--lang", "en")
    path, head, against, *rest = answer.out.splitlines()
    assert (answer.code, path) == (0, "audit-gelu.png")
    assert head == "GELU  bfloat16  cpu  all 65,280 finite inputs"
    assert against == "against GELU, evaluated exactly"
    assert any("0xc10a" in line for line in rest)
    assert act("again", "audit-gelu.png").out == "actplot audit gelu --dtype bfloat16 --lang en\n"
    first = (tmp_path / path).read_bytes()
    assert act("again", path, "--lang", "en", "--out", "two.png", "--quiet").code == 0
    assert (tmp_path / "two.png").read_bytes() == first
    with Image.open(path) as picture:
        assert picture.size == (1500, 690)


def test_json_has_what_it_promises(act: Act) -> None:
    answer = act("audit", "mine.py:naive_silu", "--against", "silu", "--dtype", "float16", "--json", "--out", "a.svg")
    told = json.loads(answer.out)
    assert told["files"] == ["a.svg"]
    assert (told["function"], told["against"], told["dtype"]) == ("mine.py:naive_silu", "silu", "float16")
    assert told["inputs"] == 63_488
    assert "python-flint" in told["versions"]
    for part in ("f", "gradient"):
        assert set(told[part]) == {
            *("max_ulp", "worst", "mean_ulp", "correctly_rounded", "within", "regions", "findings"),
        }
        assert set(told[part]["within"]) == {"1", "2", "10"}
        assert told[part]["worst"]["confirmed"] is True
        assert all({"low", "high", "count", "max_ulp"} == set(region) for region in told[part]["regions"])
        assert all({"kind", "low", "high", "count", "example"} == set(each) for each in told[part]["findings"])
    assert told["gradient"]["max_ulp"] is None  # infinite: a result is no number


def test_limits_are_a_gate(act: Act) -> None:
    words = ("audit", "mine.py:naive_silu", "--against", "silu", "--dtype", "float16", "--out", "a.png", "--quiet")
    answer = act(*words, "--max-ulp", "2")
    assert answer.code == 1
    assert answer.err.startswith("actplot: f is off by 2040 ULP at x = -11.453125 (0xc9ba), above --max-ulp 2:")
    assert "861" not in answer.err  # those beyond 2, not beyond 1
    few = (*words, "--inputs", "2000", "--dpi", "60")
    answer = act(*few, "--max-ulp-grad", "2")
    assert (answer.code, len(answer.err.splitlines())) == (1, 1)
    assert act(*few, "--max-ulp", "5000").code == 0
    assert act("audit", "relu", "--max-ulp", "0.5", "--max-ulp-grad", "0.5", *few[6:]).code == 0


def test_every_input_can_be_written(act: Act) -> None:
    answer = act("audit", "tanh", "--dtype", "float16", "--data", "-", "--quiet", "--forward-only")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert len(rows) == 63_488
    row = next(row for row in rows if float(row["x"]) == 0.5)
    assert row["hex"] == "0x3800"
    assert float(row["y_true"]) == pytest.approx(math.tanh(0.5), rel=1e-12)
    assert float(row["y_ulp"]) == pytest.approx(abs(float(row["y"]) - math.tanh(0.5)) / 2**-12, rel=1e-6)
    assert act("audit", "tanh", "--inputs", "2000", "--data", "a.npz", "--quiet").code == 0
    assert np.load("a.npz")["dy_ulp"].shape == (2000,)


def test_parameters_and_sweeps(act: Act) -> None:
    words = ("audit", "elu", "--inputs", "2000", "--dpi", "50", "--quiet", "--out", "a.png")
    assert act(*words, "--param", "alpha=2").code == 0
    assert "--param alpha=2" in act("again", "a.png").out
    check_refusal(act(*words, "--param", "alpha=2", "--param", "alpha=3"), 2, "2 times")
    assert act("audit", "elu:alpha=3", "--against", "elu:alpha=3", *words[2:]).code == 0
    assert "--against elu:alpha=3" in act("again", "a.png").out
    assert act("audit", "-x*2", *words[2:]).code == 0


WRONG = [
    ("audit", "needs a function"),
    ("audit nonsense", "unknown function 'nonsense'"),
    ("audit gelu --against nonsense", "unknown function 'nonsense'"),
    ("audit mine.py:total", "no formula", "--against"),
    ("audit gelu --against mine.py:total", "no formula"),
    ("audit gelu --dtype float8", "'float8'"),
    ("audit gelu --dtype float64", "--inputs"),
    ("audit gelu --dtype float64 --inputs all", "--inputs 100000"),
    ("audit gelu --inputs 3", "from 1,000"),
    ("audit gelu --inputs many", "'many'"),
    ("audit gelu --max-ulp 0", "> 0"),
    ("audit gelu --max-ulp-grad nan", "> 0"),
    ("audit gelu --max-ulp-grad 1 --forward-only", "contradict"),
    ("audit gelu --jobs 0", "--jobs"),
    ("audit gelu --all", "'gelu'"),
    ("audit --all --against gelu", "--against"),
    ("audit gelu --dtype float32 --data a.csv", "sample"),
]


@pytest.mark.parametrize(("words", "parts"), [(first, rest) for first, *rest in WRONG], ids=[w for w, *_ in WRONG])
def test_a_wrong_command_is_one_line_and_loads_nothing(
    words: str, parts: list[str], light: Forks, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    check_light_refusal(light(*words.split(), cwd=tmp_path), *parts)
    assert names(tmp_path) == ["mine.py"]


def test_a_device_that_is_not_there(act: Act) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has one")
    check_refusal(act("audit", "gelu", "--device", "cuda"), 1, "cuda")


@pytest.mark.slow
def test_memory_stays_flat(tmp_path: Path) -> None:
    words = ("audit", "tanh", "--dtype", "float32", "--jobs", "2", "--out", "a.png", "--inputs")
    assert peak(*words, str(1 << 21), cwd=tmp_path) < 1 << 30


# The picture


def test_a_picture_shows_the_largest_error_of_every_column_and_the_median() -> None:
    result = audit(function("gelu"), dtype="bfloat16")
    for quantity in (result.f, result.gradient):
        assert quantity is not None
        largest, median = columns(quantity, Scale(result.format))
        assert np.nanmax(largest) == pytest.approx(quantity.max_ulp, rel=1e-6)
        assert not np.isnan(largest).any()
        assert 0.1 < np.nanmedian(median[200:250]) < 0.4
    figure = draw(result, lang="en", size=(10.0, 4.6), dpi=60.0, limits=(2.0, None))
    left, right = figure.axes
    assert left.get_title() == "GELU: error of f (bfloat16)"
    assert right.get_title() == "GELU: error of f' (bfloat16)"
    labels = left.get_legend_handles_labels()[1]
    assert {"0 for a number", "subnormal flushed to 0", "limit: 2", "median"} <= set(labels)


def test_the_axis_shows_all_magnitudes_in_order() -> None:
    for form in FORMATS.values():
        scale = Scale(form)
        x = np.array([form.smallest, form.smallest_normal, 1e-3, 0.1, 1.0, 10.0, 1000.0, form.largest])
        places = scale.places(np.concatenate([-x[::-1], [0.0], x]))
        assert (np.diff(places) > 0).all()
        assert (places[0], places[-1]) == pytest.approx((-1, 1))


@pytest.mark.parametrize("name", ["gelu", "relu", "binary_step", "sine", "bce", "leaky_relu:slope=0.2"])
def test_pictures_of_all_kinds(name: str) -> None:
    result = audit(function(name), dtype="float16", inputs=4000)
    languages: tuple[Any, ...] = ("zh", "en")
    for lang in languages:
        figure = draw(result, lang=lang, size=(10.0, 4.6), dpi=50.0)
        figure.draw_without_rendering()
        assert len(figure.axes) == 2


def test_the_catalog_is_audited(act: Act, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {name: CATALOG[name] for name in ("relu", "gelu", "elu")}
    monkeypatch.setattr("actplot.cli.commands.audit.CATALOG", few)
    answer = act("audit", "--all", "--inputs", "2000", "--jobs", "1", "--out", "figs", "--dpi", "50", "--lang", "en")
    assert answer.code == 0
    _, *rows, folder = answer.out.splitlines()
    assert [row.split()[0] for row in rows] == ["GELU", "ELU", "ReLU"]  # the largest error first
    assert folder == "figs"
    assert names(tmp_path / "figs") == ["elu.png", "gelu.png", "relu.png"]
    assert act("again", "figs/gelu.png").out == "actplot audit gelu --dtype bfloat16 --inputs 2000 --lang en --dpi 50\n"


@pytest.mark.parametrize(
    ("command", "code", "part"),
    [
        ("audit gelo", 2, "did you mean gelu?"),
        ("audit gelu --dtype float99", 2, "unknown dtype 'float99'"),
        ("audit", 2, "audit needs a function"),
        ("audit gelu", 1, 'pip install "actplot[audit]"'),
        ("audit --all", 1, 'pip install "actplot[audit]"'),
    ],
)
def test_a_mistake_is_told_before_a_package_is_missed(
    command: str, code: int, part: str, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actplot.cli.commands.audit.find_spec", lambda name: None)
    check_refusal(act(*command.split()), code, part)
