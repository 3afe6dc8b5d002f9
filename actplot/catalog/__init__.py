"""The activations, one file per family. An activation is one decorated function and touches no other file."""

from actplot.catalog import exponential, gated, linear, periodic, relu, shrink, sigmoid, softplus
from actplot.registry import Catalog

CATALOG = Catalog(
    module.activation for module in (linear, relu, exponential, softplus, sigmoid, shrink, gated, periodic)
)
