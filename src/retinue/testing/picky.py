"""A provider that refuses what it doesn't take, in the words of the real ones."""

from collections.abc import Iterator
from typing import Literal

import msgspec
from msgspec import Struct

from retinue.testing.answers import Answer, Call, Fails, Sends, calls, says
from retinue.testing.completions import Json

Words = Literal["openai", "azure", "pydantic"]


class Picky(Struct, frozen=True, kw_only=True):
    """An entry for a `FakeProvider`: it checks each request, and does what it is asked if there is nothing amiss.

    async with FakeProvider(default=Picky(refuses=("max_tokens", "temperature"))) as provider: ...
    """

    refuses: tuple[str, ...] = ()
    """Parameters."""
    roles: tuple[str, ...] = ("system", "developer", "user", "assistant", "tool")
    formats: tuple[str, ...] = ("text", "json_object", "json_schema")
    """Of `response_format`."""
    images: bool = True
    calls: int = 2
    """How many functions it calls at once at most; none has it refuse tools."""
    context: int | None = None
    """How many tokens it reads at most, four characters each."""
    words: Words = "openai"
    """Whose refusals it gives."""

    def __call__(self, body: Json) -> Answer:
        """Return the answer to a request."""
        return next(self._refusals(body), None) or self._reply(body)

    def _refusals(self, body: Json) -> Iterator[Answer]:
        for name in self.refuses:
            if name in body:
                yield self._refused(name, body[name])
        for message in body["messages"]:
            if message["role"] not in self.roles:
                yield _failed(f"'{message['role']}' is not one of {list(self.roles)!r} - 'messages.0.role'")
            if not self.images and isinstance(message.get("content"), list):
                yield _failed("This model does not support image input.")
        if (kind := body.get("response_format", {}).get("type", "text")) not in self.formats:
            allowed = " or ".join(f"'{name}'" for name in self.formats)
            yield _failed(f"'response_format.type' must be {allowed}, not '{kind}'")
        if "tools" in body and not self.calls:
            yield _failed("This model does not support tools.")
        yield from self._too_long(body)

    def _refused(self, name: str, value: object) -> Answer:
        match self.words:
            case "azure":
                return _failed(f"Unrecognized request argument supplied: {name}")
            case "pydantic":
                told = {"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}
                return Sends((msgspec.json.encode({"detail": [told]}),), status=422, content_type="application/json")
            case "openai" if name == "temperature":
                only = "Only the default (1) value is supported."
                return _failed(f"Unsupported value: 'temperature' does not support {value} with this model. {only}")
            case "openai":
                twin = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
                return _failed(f"Unsupported parameter: '{name}' is not supported with this model.{twin}")

    def _too_long(self, body: Json) -> Iterator[Answer]:
        length = len(msgspec.json.encode(body["messages"])) // 4
        if self.context is not None and length > self.context:
            yield _failed(
                f"This model's maximum context length is {self.context} tokens. However, your messages resulted in"
                f" {length} tokens. Please reduce the length of the messages."
            )

    def _reply(self, body: Json) -> Answer:
        names = [tool["function"]["name"] for tool in body.get("tools", ())]
        if names and body.get("tool_choice") != "none":
            most = 1 if body.get("parallel_tool_calls") is False else self.calls
            return calls(*(Call(name=name) for name in names[:most]))
        return says('{"ok": true}' if "response_format" in body else "Hello.")


def _failed(message: str) -> Answer:
    return Fails(400, message)
