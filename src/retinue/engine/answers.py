"""Answers held against the format that their runs ask for, and the formats themselves before a run has one."""

from retinue.core.assistant import ResponseFormat
from retinue.core.errors import InvalidRequest
from retinue.core.response_format import asks_for_json, problem_of, schema_of
from retinue.models import Finished
from retinue.schemas import SchemaChecker

MAX_SCHEMA_BYTES = 256_000  # as long as instructions may be; what OpenAI takes at most is half of that

_PARAM = "response_format.json_schema.schema"


class Answers:
    """Judges formats and answers; hostile ones take no time from the loop."""

    def __init__(self) -> None:
        self._schemas = SchemaChecker()

    async def accept(self, format_: ResponseFormat | None) -> None:
        """Raise InvalidRequest if no answer can be held against this format."""
        schema = schema_of(format_)
        if schema is None:
            return
        if len(schema) > MAX_SCHEMA_BYTES:
            raise _unsound(f"it is longer than {MAX_SCHEMA_BYTES} bytes of JSON", "string_above_max_length")
        found = await self._schemas.check(schema)
        if found.schema is not None:
            raise _unsound(found.schema, "invalid_value")

    async def problem_of(self, answer: str, finished: Finished, format_: ResponseFormat | None) -> str | None:
        """Return in a sentence why the answer is not what was asked for; None where it is, or was not ended as one."""
        if finished.reason != "stop" or finished.refused or not asks_for_json(format_):
            return None
        if problem := problem_of(answer, format_):
            return problem
        schema = schema_of(format_)
        if schema is None:
            return None
        found = await self._schemas.check(schema, answer)
        if found.schema is not None:
            return f"The answer can't be held against the schema: {found.schema}."
        return None if found.text is None else f"The answer does not fit the schema: {found.text}."

    async def close(self) -> None:
        """Let go of the process that checks."""
        await self._schemas.close()


def _unsound(what: str, code: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid '{_PARAM}': {what}.", param=_PARAM, code=code)
