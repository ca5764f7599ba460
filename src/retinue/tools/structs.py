"""msgspec's Structs among the types of arguments, as pydantic takes them."""

import types
from collections.abc import Callable
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from retinue.tools.schema import Json, tidied


def adapted(hint: Any) -> Any:
    """Return the hint with each Struct in it made one that pydantic can check and describe."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        from pydantic import PlainValidator, WithJsonSchema  # here: see arguments.py

        return Annotated[hint, PlainValidator(_converter(hint)), WithJsonSchema(_schema(hint))]
    origin, members = get_origin(hint), get_args(hint)
    if origin in (None, Literal, Annotated):
        return hint
    changed = tuple(map(adapted, members))
    if all(new is old for new, old in zip(changed, members, strict=True)):
        return hint
    return Union[changed] if origin in (Union, types.UnionType) else origin[changed]  # noqa: UP007


def _converter(struct: type[msgspec.Struct]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        return value if isinstance(value, struct) else msgspec.convert(value, struct)

    return convert


def _schema(struct: type[msgspec.Struct]) -> Json:
    """Its schema with nothing to refer to outside: one that contains itself can't be put in and is refused."""
    (schema,), definitions = msgspec.json.schema_components([struct], ref_template="#/$defs/{name}")
    tidy = tidied({**schema, "$defs": definitions}, strict=False)
    if "$defs" in tidy:
        raise TypeError(f"{struct.__name__} contains itself; make it a pydantic model or a dataclass")
    return tidy
