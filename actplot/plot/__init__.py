"""What a curve looks like.

Imports matplotlib without pyplot; no torch. ``encoding``, ``marks`` and ``limits`` import no matplotlib either: what
they decide holds for every renderer. Nor does ``loading`` before it is asked.
"""
