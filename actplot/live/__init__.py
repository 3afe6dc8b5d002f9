"""Figures that answer: to the pointer, the keys, sliders, zoom. Pure matplotlib, so that any Agg canvas shows them."""
