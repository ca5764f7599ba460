"""A function's arguments: their schema, and what the model sent for them, checked."""

import json
import warnings
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

from retinue.core.errors import NotStarted
from retinue.core.surrogates import mended
from retinue.tools.declaration import ToolError
from retinue.tools.schema import Json, open_objects, tidied
from retinue.tools.signature import NOTHING, Parameter
from retinue.tools.structs import adapted

# pydantic is imported where it is used: it takes 0.15 s and 16 MB, and a server without functions has no use for it.

_SHOWN = 80  # characters of a wrong value that the model is shown again
_PROBLEMS = 10  # of one call that are told


class WrongArguments(ToolError):
    """What the model sent is not what the function takes."""


class Arguments:
    """What a function takes from the model."""

    def __init__(self, parameters: tuple[Parameter, ...], *, strict: bool, place: str) -> None:
        """Raise NotStarted, beginning with `place`, for a type that no schema can describe."""
        self._names = {f"argument_{number}": parameter.name for number, parameter in enumerate(parameters)}
        try:
            # names of our own inside: pydantic's models have attributes that an argument may be called like
            self._model = _model(dict(zip(self._names, parameters, strict=True)))
            self.schema = _schema(self._model, strict=strict)
        except NotStarted as error:
            raise NotStarted(f"{place} {error.message}") from error
        except Exception as error:  # a type of the user's may raise anything when it is asked for its schema
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise NotStarted(f"{place} has a type hint that no schema can be made of: {reason}") from error

    def parse(self, text: str) -> dict[str, Any]:
        """Return the arguments, defaults filled in; raises WrongArguments, which says what is wrong with each.

        Types of the user's check their values themselves: they may take their time, and raise anything.
        """
        from pydantic import ValidationError

        try:
            values = self._model.model_validate_json(mended(text).strip() or "{}")
        except ValidationError as error:
            raise WrongArguments("\n".join(self._problems(error))) from None
        return {name: getattr(values, inner) for inner, name in self._names.items()}

    def _problems(self, error: Any) -> Iterator[str]:
        problems = error.errors(include_url=False, include_context=False)
        if problems[0]["type"] == "json_invalid":
            reason = problems[0]["msg"].removeprefix("Invalid JSON: ")
            yield f"The arguments are not valid JSON ({reason}). Send an object."
            return
        yield "The arguments are not what the function takes:"
        for problem in problems[:_PROBLEMS]:
            yield f"- {self._problem(problem)}"
        if more := len(problems) - _PROBLEMS:
            yield from [f"- and {more} more"] if more > 0 else []

    def _problem(self, problem: Mapping[str, Any]) -> str:
        where = ".".join(map(str, problem["loc"])) or "arguments"
        match problem["type"]:
            case "missing":
                return f"{where}: is required, and was not given"
            case "extra_forbidden" if len(problem["loc"]) == 1:
                takes = ", ".join(self._names.values()) or "none"
                return f"{where}: there is no such argument; the function takes: {takes}"
            case _:
                expected = problem["msg"][:1].lower() + problem["msg"][1:]
                return f"{where}: {expected}; got {_shown(problem['input'])}"


def _model(parameters: Mapping[str, Parameter]) -> Any:
    from pydantic import ConfigDict, create_model

    fields: dict[str, Any] = {inner: _field(parameter) for inner, parameter in parameters.items()}
    return create_model("arguments", __config__=ConfigDict(extra="forbid", allow_inf_nan=False), **fields)


def _field(parameter: Parameter) -> Any:
    from pydantic import Field
    from pydantic.fields import FieldInfo

    hint, described = _described(parameter.hint)
    if isinstance(parameter.default, FieldInfo):  # `city: str = Field(description=...)`
        hint = Annotated[hint, parameter.default]
        described = described or parameter.default.description
    more: dict[str, Any] = {"alias": parameter.name}
    if not described and parameter.description:
        more["description"] = parameter.description
    if parameter.default is not NOTHING and not isinstance(parameter.default, FieldInfo):
        more["default"] = parameter.default
    return hint, Field(**more)


def _described(hint: Any) -> tuple[Any, str | None]:
    """The hint as pydantic takes it, and the description within it: `Annotated[str, "the city"]`."""
    from pydantic import Field
    from pydantic.fields import FieldInfo

    if get_origin(hint) is Annotated:
        inner, *notes = get_args(hint)
        inner, _ = _described(inner)
        notes = [Field(description=note) if isinstance(note, str) else note for note in notes]
        described = next((note.description for note in notes if isinstance(note, FieldInfo) and note.description), None)
        return Annotated[inner, *notes], described
    return adapted(hint), None


def _schema(model: Any, *, strict: bool) -> Json:
    from pydantic.json_schema import PydanticJsonSchemaWarning

    with warnings.catch_warnings():
        # of a default that JSON can't tell: the argument is optional all the same
        warnings.simplefilter("ignore", PydanticJsonSchemaWarning)
        schema = tidied(model.model_json_schema(by_alias=True), strict=strict)
    schema.setdefault("properties", {})
    if strict and any(open_objects(schema)):
        raise NotStarted(
            "is strict, and one of its arguments takes objects with any names, which no strict schema can say."
        )
    return schema


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
