"""Composition: what `recorder serve` and `recorder record` are made of, and in which order they start and stop."""
