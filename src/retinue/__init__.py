"""Retinue: AI assistants on your own machine, behind the API that your code already calls."""

__all__ = ["__version__"]

__version__ = "0.1.0"
