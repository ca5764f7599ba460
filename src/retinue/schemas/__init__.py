"""Floor 1: JSON Schemas and what is to fit them. Both come from outside, so both are read in a process of their own."""

from retinue.schemas.checker import Found, SchemaChecker

__all__ = ["Found", "SchemaChecker"]
