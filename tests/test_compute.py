"""Values and derivatives: shapes, number formats, devices, and callables that do not behave."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

import actplot
from actplot.errors import BadValue, FunctionFailed, NoDevice


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
        for dtype, close in (("float64", 1e-12), ("float32", 1e-5)):
            here = actplot.evaluate(name, x, dtype=dtype)
            there = actplot.evaluate(name, x, dtype=dtype, device="cuda")
            assert_allclose(there, here, rtol=close, atol=close, err_msg=name)
