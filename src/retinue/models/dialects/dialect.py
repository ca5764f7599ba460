"""A dialect: what a provider takes in a request for one of its models, where providers differ."""

from typing import Literal, TypeVar

from msgspec import Struct, structs

from retinue.core.model_profile import Bound, Findings

Instructing = Literal["system", "developer", "user"]
"""The role that instructions are sent in."""
Format = Literal["json_object", "json_schema"]

BOTH: frozenset[Format] = frozenset(("json_object", "json_schema"))
SAMPLING = frozenset(("temperature", "top_p"))

Name = TypeVar("Name", bound=str)


class Dialect(Struct, frozen=True, kw_only=True):
    """How to word a request; the defaults are careful: what nearly every server takes."""

    name: str = "default"
    bound: Bound = "max_tokens"
    instructing: Instructing = "system"
    stream_usage: bool = True
    """Whether a stream is asked for its usage, by `stream_options`."""
    refuses: frozenset[str] = frozenset()
    """Parameters that are never sent: a request with one of them would be refused."""
    both_samplings: bool = True
    """Whether temperature and top_p may be sent together; else it is the temperature alone."""
    formats: frozenset[Format] = BOTH
    """Of `response_format`; what it can't is said in the prompt."""
    strict: bool = True
    """Whether a function's declaration may say `strict`."""
    images: bool | None = None
    """Whether the model takes images; None where nobody knows."""
    merges: frozenset[str] = frozenset()
    """Roles of which no two messages may follow each other: they are joined."""
    user_first: bool = False
    """Whether the conversation has to begin with a user's message."""
    answer_after_tool: bool = False
    """Whether a user's message may not follow a tool's output at once."""
    null_content: bool = True
    """Whether a message of tool calls alone may have the content null; else it has an empty one."""
    short_ids: bool = False
    """Whether ids of tool calls are nine letters and digits."""

    def without(self, *parameters: str) -> "Dialect":
        """Return the dialect that sends none of these either."""
        return structs.replace(self, refuses=self.refuses | set(parameters))

    def alternating(self) -> "Dialect":
        """Return the dialect of models that know user and assistant in turn, and nothing else."""
        return structs.replace(self, merges=frozenset(("system", "user", "assistant")), user_first=True)

    def found(self, findings: Findings) -> "Dialect":
        """Return the dialect with what was found out by asking, which goes before what is known of others."""
        refused = {
            "temperature": findings.temperature,
            "parallel_tool_calls": findings.parallel_tool_calls,
        }
        taken: dict[Format, bool | None] = {
            "json_object": findings.json_object,
            "json_schema": findings.json_schema,
        }
        return structs.replace(
            self,
            bound=findings.bound or self.bound,
            instructing=self._instructing(findings.developer),
            stream_usage=self.stream_usage if findings.stream_usage is None else findings.stream_usage,
            refuses=_settled(self.refuses, {name: None if ok is None else not ok for name, ok in refused.items()}),
            formats=_settled(self.formats, taken),
        )

    def _instructing(self, developer: bool | None) -> Instructing:
        return "system" if developer is False and self.instructing == "developer" else self.instructing


def _settled(names: frozenset[Name], findings: dict[Name, bool | None]) -> frozenset[Name]:
    """Return the names with those that were found to belong, and without those that were found not to."""
    belong = {name for name, found in findings.items() if found}
    return frozenset(names - {name for name, found in findings.items() if found is False}) | belong
