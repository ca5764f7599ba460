"""Tokens of texts, messages and tools, counted without a network; nothing is loaded before the first count."""

from retinue.models.tokens.counter import Counter, counter_for

__all__ = ["Counter", "counter_for"]
