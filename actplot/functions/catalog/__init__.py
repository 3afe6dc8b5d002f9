"""The activations and losses, one file per family. Each is one decorated function and touches no other file."""

from actplot.functions.catalog import exponential, gated, linear, loss, periodic, relu, shrink, sigmoid, softplus
from actplot.functions.registry import Catalog

CATALOG = Catalog(
    [module.activation for module in (linear, relu, exponential, softplus, sigmoid, shrink, gated, periodic)]
    + [loss.loss]
)
