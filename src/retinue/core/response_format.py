"""What a run's `response_format` asks of the model's answer, as far as the answer alone can tell."""

import msgspec

from retinue.core.assistant import ResponseFormat

_read = msgspec.json.Decoder(msgspec.Raw).decode  # reads all and makes nothing of it: 8 MB of brackets take 0.1 s


def asks_for_json(format_: ResponseFormat | None) -> bool:
    """Return whether an answer in this format is JSON."""
    return isinstance(format_, dict) and format_.get("type") in ("json_object", "json_schema")


def schema_of(format_: ResponseFormat | None) -> str | None:
    """Return the schema that answers have to fit, as JSON text; None where there is none."""
    if not isinstance(format_, dict) or format_.get("type") != "json_schema":
        return None
    named = format_.get("json_schema")
    schema = named.get("schema") if isinstance(named, dict) else None
    return None if schema is None else msgspec.json.encode(schema).decode()


def problem_of(text: str, format_: ResponseFormat | None) -> str | None:
    """Return why the text is no answer in this format, whatever its schema; None where it may be one."""
    if not asks_for_json(format_):
        return None
    try:
        raw = _read(text.encode())
    except ValueError as error:
        return f"The answer is not JSON: {error}."
    except RecursionError:
        return "The answer is nested too deeply to be read."
    if isinstance(format_, dict) and format_["type"] == "json_object" and not bytes(raw).lstrip().startswith(b"{"):
        return "The answer is JSON, but not an object."
    return None
