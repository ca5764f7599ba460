"""What a function returned, as the model reads it."""

import inspect
import itertools
import json
from collections.abc import Iterator
from typing import Any

import msgspec

from retinue.core.errors import NotStarted
from retinue.core.surrogates import mended
from retinue.tools.declaration import ToolError
from retinue.tools.signature import NOTHING
from retinue.tools.text import capped


class BadOutput(ToolError):
    """A function returned what it should not have."""


class Output:
    """Makes text of what a function returns."""

    def __init__(self, returns: Any, *, max_output: int, place: str) -> None:
        """`returns` is the hint that values are held to, NOTHING where there is none; raises NotStarted."""
        self._max = max_output
        self._adapter = _adapter(returns, place)

    def text(self, value: Any) -> str:
        """Return text as it is and anything else as JSON, capped; raises BadOutput for what is neither."""
        text = value if isinstance(value, str) and self._adapter is None else self._json(value)
        return capped(mended(text), self._max)

    def _json(self, value: Any) -> str:
        from pydantic import ValidationError
        from pydantic_core import PydanticSerializationError

        try:
            checked = self._adapter.validate_python(value) if self._adapter else value
            return checked if isinstance(checked, str) else _written(self._ended(checked))
        except ValidationError as error:
            problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(map(str, problem["loc"]))
            raise BadOutput(
                f"The function returned something else than it says{f' at {where}' if where else ''}: {problem['msg']}."
            ) from error
        except (PydanticSerializationError, UnicodeEncodeError, RecursionError) as error:
            reason = str(error).removeprefix("Error serializing to JSON: ")
            raise BadOutput(f"The function returned what can't be written as JSON: {reason}.") from error

    def _ended(self, value: Any) -> Any:
        """Return the items of an iterator, which may have no end: no more than there is room for, one a character."""
        if not isinstance(value, Iterator):
            return value
        items = list(itertools.islice(value, self._max + 1))
        if len(items) > self._max:
            raise BadOutput(f"The function returned an iterator of more than {self._max:,} items: return a list.")
        return items


def _written(value: Any) -> str:
    from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

    try:
        return to_json(value, inf_nan_mode="strings", fallback=_fallback).decode()
    except PydanticSerializationError as error:
        if "UnicodeEncodeError" not in str(error):
            raise
        # somewhere within there is half a character, which the standard library writes, and `mended` replaces
        plain = to_jsonable_python(value, inf_nan_mode="strings", fallback=_fallback)
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _adapter(returns: Any, place: str) -> Any:
    """What checks values; None where there is nothing to check."""
    if returns in (NOTHING, Any, object, inspect.Signature.empty):
        return None
    from pydantic import ConfigDict, PydanticUserError, TypeAdapter
    from pydantic.errors import PydanticSchemaGenerationError

    try:
        try:
            return TypeAdapter(returns, config=ConfigDict(arbitrary_types_allowed=True))
        except PydanticUserError as error:
            if error.code != "type-adapter-config-unused":
                raise
            return TypeAdapter(returns)  # a model has a configuration of its own
    except (PydanticUserError, PydanticSchemaGenerationError, TypeError) as error:
        raise NotStarted(f"{place} says that it returns {returns!r}, which can't be checked: {error}") from error


def _fallback(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    raise TypeError(f"a value of type {type(value).__name__}")
