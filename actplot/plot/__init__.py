"""What a curve looks like in matplotlib.

Imports matplotlib without pyplot; no torch.
"""
