"""What a provider's refusal teaches: the dialect in which the same request may be taken.

Only what a request can do without is ever left out: never messages, never tools, and a format goes into the prompt.
A refusal of a value ("2.5 is greater than the maximum of 2") is the caller's to read, and teaches nothing.
"""

import re

from msgspec import structs

from retinue.models.base import Json
from retinue.models.dialects.dialect import Dialect, Format
from retinue.models.faults.envelope import Complaint, unquoted

_DISPENSABLE = (
    *("max_tokens", "max_completion_tokens", "stream_options", "temperature", "top_p"),
    *("parallel_tool_calls", "tool_choice", "reasoning_effort", "response_format", "strict"),
)
_REFUSED = re.compile(
    r"(?i)unsupported|unrecognized|unknown|unexpected|unavailable|extra_forbidden|extra (?:inputs|fields)"
    r"|cannot find field"
    r"|(?:not|n't) (?:be )?(?:support|permitted|allowed|available|recogni[sz]ed|accept)|must be '"
)
_OF_A_VALUE = re.compile(
    r"(?i)too large|too small|greater than|less than|at most|supported values are|must contain the word|invalid schema"
)
_DEVELOPER = re.compile(r"(?i)['\"`]developer['\"`]|role developer|developer role")
_NO_SYSTEM = re.compile(
    r"(?i)system role not supported|does not support ['\"`]system['\"`]|roles are supported, got system"
    r"|system (?:role|message)s? (?:is|are) not (?:supported|allowed)"
)
_ALTERNATE = re.compile(r"(?i)roles must alternate|must alternate (?:between )?user")
_ONE_SYSTEM = re.compile(r"(?i)system message must be (?:at the beginning|the first)|multiple system messages")
_AFTER_TOOL = re.compile(r"(?i)unexpected role ['\"`]?user['\"`]? after role ['\"`]?tool")
_USER_FIRST = re.compile(
    r"(?i)first message must (?:use|be|have) .{0,12}user|must start with a user|comes? immediately after a user turn"
)
_SHORT_IDS = re.compile(r"(?i)0-9, with a length of 9|length of 9 and|must be (?:a )?9.character")
_NULL_CONTENT = re.compile(
    r"(?is)content\W.{0,80}(?:null|none|missing|required|valid string)|(?:null|none|missing field).{0,40}\bcontent"
)
_NOT_BOTH = re.compile(r"(?i)temperature\W{1,4}and\W{1,4}top_p\W{1,4}cannot both|cannot specify both.{0,40}top_p")
_STEPS = re.compile(r"[.\[\]]+")
_TWIN = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}


def lesson(dialect: Dialect, fields: Json, complaint: Complaint) -> Dialect | None:
    """Return the dialect to ask in again after a refusal of a request with these fields; None if none would help.

    What is learned counts for everybody, so nothing is learned from what the complaint quotes of the request.
    """
    learned = _of_messages(dialect, fields, unquoted(complaint.text)) or _of_parameters(dialect, fields, complaint)
    return None if learned == dialect else learned


def _of_messages(dialect: Dialect, fields: Json, said: str) -> Dialect | None:
    if dialect.instructing == "developer" and _DEVELOPER.search(said):
        return structs.replace(dialect, instructing="system")
    if dialect.instructing == "system" and _NO_SYSTEM.search(said):
        return structs.replace(dialect, instructing="user")
    if _ALTERNATE.search(said):
        return dialect.alternating()
    if _ONE_SYSTEM.search(said):
        return structs.replace(dialect, merges=dialect.merges | {"system"})
    if _AFTER_TOOL.search(said):
        return structs.replace(dialect, answer_after_tool=True)
    if _USER_FIRST.search(said):
        return structs.replace(dialect, user_first=True)
    if _SHORT_IDS.search(said):
        return structs.replace(dialect, short_ids=True)
    if _NULL_CONTENT.search(said) and any(message.get("content", "") is None for message in fields["messages"]):
        return structs.replace(dialect, null_content=False)
    return None


def _of_parameters(dialect: Dialect, fields: Json, complaint: Complaint) -> Dialect | None:
    said = unquoted(complaint.text)
    if _NOT_BOTH.search(said) and "top_p" in fields and "temperature" in fields:
        return structs.replace(dialect, both_samplings=False)
    if _OF_A_VALUE.search(complaint.text) or not _REFUSED.search(f"{complaint.kind} {said}"):
        return None
    path = _STEPS.split(complaint.param)
    if "messages" in path or "input" in path:
        return None
    sent = _sent(fields)
    if told := next((name for name in sent if name in path), None):
        return _leaving_out(dialect, told, fields)
    places = {name: _place(name, said) for name in sent}
    named = sorted((place, name) for name, place in places.items() if place is not None)
    return _leaving_out(dialect, named[0][1], fields) if named else None


def _sent(fields: Json) -> list[str]:
    declared = [tool["function"] for tool in fields.get("tools", ())]
    strict = any("strict" in function for function in declared)
    return [name for name in _DISPENSABLE if name in fields or (name == "strict" and strict)]


def _place(name: str, said: str) -> int | None:
    """Return where the text names a parameter; the formats name theirs."""
    words = r"response_format|json_schema|json_object" if name == "response_format" else re.escape(name)
    found = re.search(rf"(?<![\w])(?:{words})(?!\w)", said)
    return found.start() if found else None


def _leaving_out(dialect: Dialect, name: str, fields: Json) -> Dialect:
    match name:
        case "max_tokens" | "max_completion_tokens":
            twin = _TWIN[name]
            if twin in dialect.refuses:
                return dialect.without(name)
            renamed = structs.replace(dialect, bound="max_tokens" if twin == "max_tokens" else "max_completion_tokens")
            return renamed.without(name)
        case "stream_options":
            return structs.replace(dialect, stream_usage=False)
        case "strict":
            return structs.replace(dialect, strict=False)
        case "response_format":
            kind: Format = fields["response_format"]["type"]
            return structs.replace(dialect, formats=dialect.formats - {kind})
        case _:
            return dialect.without(name)
