"""What leaves: image files, animations, numbers, the terminal, and the command inside a figure.

Imports matplotlib without pyplot; no torch.
"""
