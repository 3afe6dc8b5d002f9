"""Experiments beyond curves: softmax, training of small networks, signals and gradients through deep ones."""
