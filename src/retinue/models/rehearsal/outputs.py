"""Tool outputs in sentences: every value that they have, and the call that it came from."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from retinue.models.base import Json
from retinue.models.rehearsal.conversation import Answered

_LONGEST_ARGUMENT = 60  # characters of an argument that names a call


def told(outputs: Sequence[Answered]) -> str:
    """Return a sentence for each output, such as `get_weather (city: Paris): temperature is 21, sky is clear.`"""
    return "\n".join(f"{_call(answered)}: {_sentence(_readable(answered.output))}" for answered in outputs)


def _call(answered: Answered) -> str:
    name = answered.name or "The tool"
    try:
        arguments = msgspec.json.decode(answered.arguments or "{}", type=Json)
    except (msgspec.DecodeError, RecursionError):
        return name
    told = ", ".join(f"{key}: {_short(value)}" for key, value in arguments.items())
    return f"{name} ({told})" if told else name


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_ARGUMENT else f"{text[: _LONGEST_ARGUMENT - 1]}…"


def _readable(output: str) -> str:
    """Render a JSON output as `name is value`; any other stays as it is."""
    try:
        # Numbers stay as they are written, so that each can be found again in the answer.
        value = json.loads(output, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return output.strip()
    return ", ".join(_facts("", value))


def _facts(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _facts(f"{name} {key.replace('_', ' ')}".strip(), inner)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for number, item in enumerate(value, start=1):
            yield from _facts(f"{name} {number}".strip(), item)
    else:
        said = _listed(value) if isinstance(value, list) else _scalar(value)
        yield f"{name} is {said}" if name else said


def _listed(values: list[Any]) -> str:
    *most, last = [_scalar(value) for value in values] or ["empty"]
    return f"{', '.join(most)} and {last}" if most else last


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value or "empty"
    return "empty" if value == {} else json.dumps(value)


def _sentence(text: str) -> str:
    text = text or "no output"
    return text if text.endswith((".", "!", "?")) else f"{text}."
