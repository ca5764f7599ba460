"""Scripts: a YAML file of rules that say how the rehearsal model replies, how fast, and where it fails."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from retinue.core.errors import NotStarted
from retinue.core.turn import Finish
from retinue.models.rehearsal.conversation import Conversation
from retinue.models.rehearsal.json_text import to_json
from retinue.models.rehearsal.reply import Call, Reply

Count = Annotated[int, Meta(ge=1)]
Tokens = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0)]


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Fault(_Part, frozen=True):
    """A way to fail: one of the classes below."""


class Refusal(Fault, frozen=True):
    """An HTTP error answer before the first piece."""

    status: Annotated[int, Meta(ge=400, le=599)]
    message: str = "The script says so."


class CutAfter(Fault, frozen=True):
    """The stream breaks off after that many pieces."""

    cut_after: Annotated[int, Meta(ge=0)]


class HangAfter(Fault, frozen=True):
    """The stream stands still after that many pieces until the caller gives up."""

    hang_after: Annotated[int, Meta(ge=0)]


class Unreachable(Fault, frozen=True):
    """Nobody answers at all."""

    unreachable: Literal[True]


_FAULTS: dict[str, type[Fault]] = {
    "status": Refusal,
    "cut_after": CutAfter,
    "hang_after": HangAfter,
    "unreachable": Unreachable,
}


class ScriptedCall(_Part, frozen=True):
    """A tool call that a rule makes."""

    name: str
    arguments: dict[str, Any] | str = {}
    """A string is sent as it stands, so that a test can send malformed JSON."""
    id: str | None = None


class ScriptedUsage(_Part, frozen=True):
    """The tokens that are reported; None for what is counted."""

    prompt: Tokens | None = None
    completion: Tokens | None = None
    cached: Tokens = 0
    reasoning: Tokens = 0


class Rule(_Part, frozen=True):
    """When it applies, and what happens then. Without a reply, calls or fault the built-in reply is given."""

    match: re.Pattern[str] | None = None
    """Searched in the last user message's text, whatever the case."""
    model: re.Pattern[str] | None = None
    system: re.Pattern[str] | None = None
    outputs: re.Pattern[str] | None = None
    """Searched in each of the tools' outputs since the last user message: a rule may do what a document says."""
    tools_done: bool | None = None
    """Whether tool outputs must have come since the last user message. None: a rule with calls waits for none."""
    reply: str | None = None
    """May use {user}, {outputs} and {turn}."""
    calls: tuple[ScriptedCall, ...] = ()
    delay: Seconds = 0.0
    """Before the first piece."""
    interval: Seconds = 0.0
    """Between pieces."""
    pieces: Count | None = None
    repeat: Count = 1
    finish: Finish | None = None
    usage: ScriptedUsage | Literal["none"] | None = None
    fault: Fault | None = None
    times: Count | None = None
    """How often it applies in the model's life."""

    def applies(self, model: str, conversation: Conversation) -> bool:
        """Whether it is for this request."""
        done = False if self.tools_done is None and self.calls and not self.outputs else self.tools_done
        return (
            (done is None or done is bool(conversation.outputs))
            and _found(self.match, conversation.user)
            and _found(self.model, model)
            and _found(self.system, conversation.system)
            and (self.outputs is None or any(_found(self.outputs, each.output) for each in conversation.outputs))
        )

    def reply_to(self, conversation: Conversation) -> Reply | None:
        """Return what it says, or None where it leaves that to the built-in behaviour."""
        if self.reply is None and not self.calls:
            return None
        text = _filled(self.reply or "", conversation) * self.repeat
        calls = (Call(name=c.name, arguments=_arguments(c.arguments), id=c.id) for c in self.calls)
        return Reply(text=text, calls=tuple(calls))


class Script(Struct, frozen=True, kw_only=True):
    """Rules in order; the first that applies wins."""

    rules: tuple[Rule, ...] = ()


def load_script(path: Path | str) -> Script:
    """Read a script; raises NotStarted with a sentence that names the file, the rule and the field at fault."""
    path = Path(path)
    document = _document(path)
    if not isinstance(document, dict) or not isinstance(document.get("rules"), list):
        raise NotStarted(f"The script {path} needs a list named 'rules' at its top.")
    if unknown := [str(key) for key in document if key != "rules"]:
        raise NotStarted(f"The script {path} has an unknown field '{unknown[0]}' at its top; only 'rules' goes there.")
    return Script(rules=tuple(_rule(path, at, raw) for at, raw in enumerate(document["rules"], start=1)))


_PLACEHOLDER = re.compile(r"\{(user|outputs|turn)\}")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")


def _found(pattern: re.Pattern[str] | None, text: str) -> bool:
    return pattern is None or pattern.search(text) is not None


def _filled(reply: str, conversation: Conversation) -> str:
    values = {
        "user": conversation.user,
        "outputs": "\n".join(answered.output for answered in conversation.outputs),
        "turn": str(conversation.turn),
    }
    return _PLACEHOLDER.sub(lambda found: values[found[1]], reply)


def _arguments(arguments: dict[str, Any] | str) -> str:
    return arguments if isinstance(arguments, str) else to_json(arguments)


def _document(path: Path) -> Any:
    import yaml  # here: a server without a script has no use for it

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise NotStarted(f"The script {path} could not be read: {exc.strerror or exc}.") from exc
    except (UnicodeDecodeError, yaml.YAMLError) as exc:
        raise NotStarted(f"The script {path} is no valid YAML: {' '.join(str(exc).split())}.") from exc


def _rule(path: Path, number: int, raw: Any) -> Rule:
    field = ""
    try:
        fault = raw.get("fault") if isinstance(raw, dict) else None
        if fault is None:
            return msgspec.convert(raw, Rule, dec_hook=_decode)
        rule = msgspec.convert({**raw, "fault": None}, Rule, dec_hook=_decode)
        field = "fault"
        return msgspec.structs.replace(rule, fault=_fault(fault))
    except msgspec.ValidationError as exc:
        raise NotStarted(_complaint(path, number, field, str(exc))) from exc


def _fault(raw: Any) -> Fault:
    kinds = [kind for key, kind in _FAULTS.items() if isinstance(raw, dict) and key in raw]
    if len(kinds) != 1:
        raise msgspec.ValidationError(f"Expected exactly one of {', '.join(_FAULTS)}")
    return msgspec.convert(raw, kinds[0])


def _decode(wanted: type, raw: Any) -> Any:
    """Compile a pattern: the one type here that msgspec does not know."""
    if not isinstance(raw, str):
        raise ValueError("Expected a regular expression")
    try:
        return re.compile(raw, re.IGNORECASE)
    except re.error as exc:
        raise ValueError(f"Not a valid regular expression ({exc})") from exc


def _complaint(path: Path, number: int, field: str, said: str) -> str:
    """Turn msgspec's words into one sentence of ours: `reason - at `$.place`` is how it speaks."""
    place = _PLACE.search(said)
    names = [field, place[1] if place else ""]
    reason = _PLACE.sub("", said)
    if unknown := _UNKNOWN.search(reason):
        names.append(unknown[1])
        reason = "no such field"
    where = ".".join(name for name in names if name)
    at = f", field '{where}'" if where else ""
    return f"The script {path} has a mistake in rule {number}{at}: {reason[:1].lower()}{reason[1:]}."
