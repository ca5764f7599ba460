"""Dialects: what providers take in a request, where they differ, known of the common ones and learned of the others."""

from retinue.models.dialects.body import Body, body_in
from retinue.models.dialects.dialect import Dialect
from retinue.models.dialects.known import DIALECTS, dialect_of

__all__ = ["DIALECTS", "Body", "Dialect", "body_in", "dialect_of"]
