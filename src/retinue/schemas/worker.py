"""The process that reads schemas: a line of JSON in, a line of JSON out. It is killed where a line takes too long.

Its argument is how many seconds it may take if nobody is left to kill it.

It is run by its path and imports nothing of the house, so that it starts in a moment and holds little.
"""

import contextlib
import functools
import itertools
import json
import signal
import sys
from typing import Any

import jsonschema_rs

_MEMORY = 1 << 30  # bytes
_KEPT = 256  # validators
_BACKTRACKS = 100_000  # of one pattern on one text
_ERRORS = 3  # that are told of one text
_CHARACTERS = 300  # of one error: it may quote a whole list of choices


def serve(patience_s: int) -> None:
    """Say with an empty line that all is imported, then answer every line until there are no more."""
    sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()
    for line in sys.stdin.buffer:
        _die_after(patience_s)
        sys.stdout.buffer.write(json.dumps(_answer(**json.loads(line))).encode() + b"\n")
        sys.stdout.buffer.flush()
        _die_after(0)


def _die_after(seconds: int) -> None:
    """Have the system end this process, whatever it is at; 0 takes that back."""
    if sys.platform != "win32":
        signal.alarm(seconds)


def _bound_memory() -> None:
    """Die of a schema that would have the whole machine's memory, where the system has such a bound."""
    if sys.platform != "win32":
        import resource  # there is none on Windows

        with contextlib.suppress(ValueError, OSError):  # macOS refuses this one
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _answer(schema: str, text: str | None) -> dict[str, str | None]:
    try:
        validator = _compiled(schema)
    except jsonschema_rs.ValidationError as error:
        return {"schema": _clipped(f"{error.message} - at {_pointer(error.instance_path)}"), "text": None}
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return {"schema": _clipped(str(error)), "text": None}
    return {"schema": None, "text": None if text is None else _misfit(validator, text)}


def _misfit(validator: jsonschema_rs.Validator, text: str) -> str | None:
    try:
        errors = list(itertools.islice(validator.iter_errors(json.loads(text)), _ERRORS))
    except (ValueError, RecursionError) as error:
        return _clipped(str(error))
    return "; ".join(map(_sentence, errors)) or None


def _sentence(error: jsonschema_rs.ValidationError) -> str:
    rule = f"rule {_pointer(error.schema_path)}"
    return f"at {_pointer(error.instance_path)} {_clipped(error.message)} ({rule[:_CHARACTERS]})"


@functools.lru_cache(_KEPT)
def _compiled(schema: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        schema,
        offline=True,
        mask="the value",
        validate_formats=True,
        pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACKS),
    )


def _pointer(path: list[Any]) -> str:
    return "$" + "".join(f"/{str(place).replace('~', '~0').replace('/', '~1')}" for place in path)[:_CHARACTERS]


def _clipped(message: str) -> str:
    plain = " ".join(message.split())
    return plain if len(plain) <= _CHARACTERS else f"{plain[:_CHARACTERS]}..."


if __name__ == "__main__":
    _bound_memory()
    serve(int(sys.argv[1]))
