"""Values and derivatives: shapes, number formats, devices, and callables that do not behave."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from conftest import every_function
from numpy.testing import assert_allclose, assert_array_equal

import actplot
from actplot.errors import BadValue, FunctionFailed, NoDevice
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function

# Every number of a format of 16 bits, and the zeros and ends of the others.
INPUTS = {
    **{
        dtype: torch.arange(-(2**15), 2**15, dtype=torch.int32).to(torch.int16).view(getattr(torch, dtype))
        for dtype in ("float16", "bfloat16")
    },
    **{
        dtype: torch.tensor([0.0, -0.0, 1.0, -1.0, torch.inf, -torch.inf, 1e-30, -1e-30], dtype=getattr(torch, dtype))
        for dtype in ("float32", "float64")
    },
}


def bits(values: torch.Tensor) -> torch.Tensor:
    """The bits of numbers as integers, all NaN alike."""
    values = torch.where(values.isnan(), torch.nan, values)
    return values.view({2: torch.int16, 4: torch.int32, 8: torch.int64}[values.element_size()])


@every_function
@pytest.mark.parametrize("dtype", INPUTS)
def test_values_and_slopes_are_torchs_to_the_bit(function: Function, dtype: str) -> None:
    x = INPUTS[dtype]
    if function.non_default and x.numel() > 100:
        x = x[:: 97 * 2]  # both signs of everything, at some settings
    graph = x.clone().requires_grad_()
    y = function.call(graph)
    (dy,) = torch.autograd.grad(y, graph, torch.ones_like(y))
    for ours, theirs in zip(actplot.evaluate(function, x, dtype=dtype), (y, dy), strict=True):
        assert torch.equal(bits(torch.from_numpy(ours).to(x.dtype)), bits(theirs.detach().clone()))


@pytest.mark.parametrize("text", ["-x", "-abs(x)", "x*(-1)", "where(x > 0, x, -0.0*x)", "max(x, -1)", "sin(x) - x"])
def test_an_expression_keeps_the_sign_of_zero(text: str) -> None:
    x = np.array([0.0, -0.0, 2.0])
    scope = {"x": x, "abs": np.abs, "where": np.where, "max": np.maximum, "sin": np.sin}
    (y,) = actplot.evaluate(text, x, order=0)
    assert_array_equal(np.signbit(y), np.signbit(eval(text, scope)))
    assert_array_equal(np.signbit(actplot.evaluate(text, x)[0]), np.signbit(y))


def test_an_expression_has_its_limits_at_infinity() -> None:
    y, dy = actplot.evaluate("exp(-x)", [np.inf])
    assert (y, dy) == (0, 0)
    for constant in ("3", "x > 1", "pi + 2 > x"):
        y, dy, d2y = actplot.evaluate(constant, [-np.inf, 0.0, np.inf], order=2)
        assert np.isfinite(y).all()
        assert_array_equal((dy, d2y), np.zeros((2, 3)))


def test_a_cube_root_is_upright_at_zero() -> None:
    x = np.array([-27.0, -1e-300, -0.0, 0.0, 1e-300, 8.0])
    y, dy = actplot.evaluate("cbrt(x)", x)
    assert_allclose(y, np.cbrt(x), rtol=1e-13)
    with np.errstate(divide="ignore"):
        assert_allclose(dy, 1 / (3 * np.cbrt(x) ** 2), rtol=1e-13)


def test_binary_cross_entropy_of_torch_differs_as_is_said() -> None:
    assert actplot.evaluate("bce", [0.0])[0] == np.inf
    p = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    loss = torch.nn.functional.binary_cross_entropy(p, torch.ones_like(p))
    loss.backward()
    assert p.grad is not None
    assert (loss.item(), p.grad.item()) == (100, pytest.approx(-1e12))
    assert "-100: 100" in CATALOG["bce"].differs["pytorch"].en
    assert "1e12" in CATALOG["bce"].differs["pytorch"].en


@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3), (1, 2, 1, 2)])
def test_results_keep_the_shape(shape: tuple[int, ...]) -> None:
    x = np.linspace(-1, 1, int(np.prod(shape))).reshape(shape)
    for result in actplot.evaluate("gelu", x, order=2):
        assert isinstance(result, np.ndarray)
        assert result.shape == shape


def test_lists_numbers_and_tensors_are_numbers() -> None:
    expected = actplot.evaluate("tanh", np.array([0.5, 1.0]))
    graph = torch.tensor([0.5, 1.0], dtype=torch.float64, requires_grad=True)
    for x in ([0.5, 1], (0.5, 1.0), graph):
        assert_array_equal(actplot.evaluate("tanh", x), expected)
    assert graph.grad is None


@pytest.mark.parametrize(
    ("dtype", "result"),
    [("float64", "float64"), ("float32", "float32"), ("float16", "float16"), ("bfloat16", "float32")],
)
def test_results_are_in_the_dtype_asked_for(dtype: str, result: str) -> None:
    assert all(part.dtype == result for part in actplot.evaluate("mish", [0.3], order=2, dtype=dtype))


def test_orders() -> None:
    x = np.array([-2.0, 0.5, 3.0])
    assert len(actplot.evaluate("identity", x, order=0)) == 1
    y, dy, d2y = actplot.evaluate(lambda x: x**3, x, order=2)
    assert_allclose((y, dy, d2y), (x**3, 3 * x**2, 6 * x))
    for straight in ("identity", "binary_step", "relu", "hardtanh"):  # their second derivative has no graph
        assert_array_equal(actplot.evaluate(straight, x, order=2)[2], 0)
    assert_array_equal(actplot.evaluate(torch.abs, x, order=2)[2], 0)  # torch answers with a tensor without memory
    with pytest.raises(BadValue, match="order must be 0, 1 or 2, got 3"):
        actplot.evaluate("relu", x, order=3)


def test_no_second_derivative_is_said_plainly() -> None:
    with pytest.raises(FunctionFailed, match="hardsigmoid_backward"):
        actplot.evaluate(torch.nn.functional.hardsigmoid, [0.0], order=2)


def test_a_declared_second_derivative_stands_in() -> None:
    x = np.linspace(-5, 5, 11)
    y, dy, d2y = actplot.evaluate("hard_sigmoid", x, order=2)
    assert_allclose((y, dy), actplot.evaluate("hard_sigmoid", x))
    assert (d2y == 0).all()


def test_slope_of_large_values_in_half_precision() -> None:
    # The sum of the values overflows; their slopes do not.
    y, dy = actplot.evaluate(lambda x: x + 60000, np.ones(5), dtype="float16")
    assert np.isfinite(y).all()
    assert_array_equal(dy, 1)


def test_parameters_reach_the_function() -> None:
    y, dy = actplot.evaluate("elu", [-1.0, 0.0, 1.0], alpha=2.0)
    assert_allclose(y, [2 * (np.exp(-1) - 1), 0, 1])
    assert_allclose(dy, [2 * np.exp(-1), 2, 1])
    y, _ = actplot.evaluate(lambda x, k: k * x, [1.0], k=3.0)
    assert_array_equal(y, [3.0])


def test_a_constant_has_derivative_zero() -> None:
    y, dy, d2y = actplot.evaluate(lambda x: torch.full_like(x, 7.0), [1.0, 2.0], order=2)
    assert_array_equal((y, dy, d2y), ([7, 7], [0, 0], [0, 0]))


def branching(x: torch.Tensor) -> torch.Tensor:
    """Two plateaus and a cube, whose graph only points of the cube bring along."""
    y = torch.where(x < -2, 3.0, 0.0).to(x.dtype)
    if (x > 0).any():
        y[x > 0] = x[x > 0] ** 3
    return y


def looping(x: torch.Tensor) -> torch.Tensor:
    """The same, element by element."""
    y = torch.empty_like(x)
    for place, value in enumerate(x):
        y[place] = value**3 if value > 0 else 3.0 if value < -2 else 0.0
    return y


@pytest.mark.parametrize("function", [branching, looping])
def test_plateaus_without_a_graph_have_slope_zero(function: Callable[[torch.Tensor], torch.Tensor]) -> None:
    for x in ([-3.0, -1.0], [-3.0, -1.0, 1.0], [-1e4, -1.5]):
        y, dy, d2y = actplot.evaluate(function, x, order=2)
        assert_array_equal(y, [3.0 if each < -2 else max(each, 0) ** 3 for each in x])
        assert_array_equal((dy, d2y), [[3 * max(each, 0) ** 2 for each in x], [6 * max(each, 0) for each in x]])
    curve = actplot.sample(function, range=(-4, 4), samples=9)
    assert [(at.x, at.y_left, at.y_right, at.dy_left, at.dy_right) for at in curve.breaks] == [(-2, 3, 0, 0, 0)]
    left = actplot.sample(function, range=(-4, -1), samples=4)  # where there is no graph at all
    assert [at.x for at in left.breaks] == [-2]


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_no_function_is_called_without_numbers(order: int, dtype: str) -> None:
    def first(x: torch.Tensor) -> torch.Tensor:
        assert x.numel()
        return x * x

    assert [part.shape for part in actplot.evaluate(first, np.empty((2, 0)), order=order, dtype=dtype)] == [(2, 0)] * (
        order + 1
    )
    actplot.sample(first, order=order)  # which has no breaks to be looked at


def raising(x: torch.Tensor) -> torch.Tensor:
    raise ZeroDivisionError("by\nzero")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (raising, r"raised ZeroDivisionError: by zero \(test_compute.py, line \d+\)"),
        (lambda x: 1.0, "returned float, not a tensor"),
        (lambda x: x.sum(), r"turned shape \(2,\) into \(\)"),
        (lambda x: x.detach(), "detached from the graph"),
        (lambda x: (x > 1.5).double(), "detached from the graph"),
    ],
)
def test_callables_that_do_not_behave(function: object, message: str) -> None:
    with pytest.raises(FunctionFailed, match=message):
        actplot.evaluate(function, [1.0, 2.0])  # type: ignore[arg-type]
    with pytest.raises(FunctionFailed):
        actplot.sample(function)  # type: ignore[arg-type]


@pytest.mark.parametrize("x", ["abc", [1, "x"], [1j], object()])
def test_what_is_no_number_is_said(x: object) -> None:
    with pytest.raises(BadValue, match="x must be real numbers"):
        actplot.evaluate("relu", x)  # type: ignore[arg-type]


def test_devices() -> None:
    assert_array_equal(actplot.evaluate("relu", [2.0], device="auto"), [[2.0], [1.0]])
    with pytest.raises(BadValue, match="unknown device 'tpu'"):
        actplot.evaluate("relu", [2.0], device="tpu")
    with pytest.raises(NoDevice, match="no device 'cuda:99'"):
        actplot.evaluate("relu", [2.0], device="cuda:99")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_cuda_agrees_with_the_cpu() -> None:
    x = np.linspace(-8, 8, 1001)
    for name in actplot.CATALOG:
        # torch's CUDA kernels of these two hold 1/6 in float32, whatever the dtype.
        exact = 1e-7 if name in {"hard_sigmoid", "hard_swish"} else 1e-12
        for dtype, close in (("float64", exact), ("float32", 1e-5)):
            here = actplot.evaluate(name, x, dtype=dtype)
            there = actplot.evaluate(name, x, dtype=dtype, device="cuda")
            assert_allclose(there, here, rtol=close, atol=close, err_msg=name)
