"""JSON as text, the way a model writes it."""

import json
from typing import Any


def to_json(value: Any) -> str:
    """Return the value as JSON on one line; what JSON doesn't know, such as YAML's dates, becomes a string."""
    return json.dumps(value, ensure_ascii=False, default=str)
