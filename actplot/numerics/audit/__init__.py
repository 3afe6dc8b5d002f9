"""Audits: how accurate an implementation is on every input of a type, held against exact arithmetic."""
