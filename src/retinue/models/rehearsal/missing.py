"""The mark for a value that a text does not give, since null is a value like others."""

from enum import Enum
from typing import Final


class Missing(Enum):
    """Its one member stands for nothing found."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
