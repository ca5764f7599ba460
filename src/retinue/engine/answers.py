"""Answers held against the format that their runs ask for, and the formats themselves before a run has one."""

import asyncio

from retinue.core.assistant import ResponseFormat
from retinue.core.errors import InvalidRequest, Unjudged
from retinue.core.response_format import asks_for_json, problem_of, schema_of
from retinue.models import Finished
from retinue.models.provider.gate import Gate
from retinue.schemas import Found, SchemaChecker
from retinue.schemas.checker import PROCESSES

MAX_SCHEMA_BYTES = 256_000  # as long as instructions may be; what OpenAI takes at most is half of that

_PATIENCE_S = 10.0  # for a turn: a check that goes wrong takes a second, and projects get theirs one after the other

_PARAM = "response_format.json_schema.schema"


class Answers:
    """Judges formats and answers; hostile ones take no time from the loop."""

    def __init__(self) -> None:
        self._schemas = SchemaChecker()
        self._gate = Gate(PROCESSES)

    async def accept(self, format_: ResponseFormat | None, *, project: str) -> None:
        """Raise InvalidRequest if no answer can be held against this format, Unjudged if that can't be told now."""
        schema = schema_of(format_)
        if schema is None:
            return
        if len(schema.encode()) > MAX_SCHEMA_BYTES:
            raise _unsound(f"it is longer than {MAX_SCHEMA_BYTES} bytes of JSON", "string_above_max_length")
        found = await self._checked(project, schema)
        if found.schema is not None:
            raise _unsound(found.schema, "invalid_value")

    async def problem_of(
        self, answer: str, finished: Finished, format_: ResponseFormat | None, *, project: str
    ) -> str | None:
        """Return in a sentence why the answer is not what was asked for; None where it is, or was not ended as one.

        Raises Unjudged where that is not the answer's fault: to ask for another would not help.
        """
        if finished.reason != "stop" or finished.refused or not asks_for_json(format_):
            return None
        if problem := problem_of(answer, format_):
            return problem
        schema = schema_of(format_)
        if schema is None:
            return None
        found = await self._checked(project, schema, answer)
        if found.schema is not None:
            raise Unjudged(f"The answer can't be held against the schema of response_format: {found.schema}.")
        return None if found.text is None else f"The answer does not fit the schema: {found.text}."

    async def close(self) -> None:
        """Let go of the processes that check."""
        await self._schemas.close()

    async def _checked(self, project: str, schema: str, text: str | None = None) -> Found:
        """Check when it is the project's turn, so that one whose schemas take long holds up itself alone."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                place = await self._gate.enter(project)
        except TimeoutError:
            raise Unjudged("Too many schemas of response_format wait to be checked. Try again later.") from None
        try:
            return await self._schemas.check(schema, text)
        finally:
            place.leave()


def _unsound(what: str, code: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid '{_PARAM}': {what}.", param=_PARAM, code=code)
