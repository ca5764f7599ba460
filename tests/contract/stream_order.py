"""In which order the events of a run may come, as a small state machine fed with one event after another.

The source is the contract's "Streams", "Stream objects", "What accumulators demand" and "Broken off".
"""

from collections.abc import Collection, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal

from contract.document import ContractBroken, Generation, validate_event
from contract.sse import Event

NEXT: dict[str, frozenset[str]] = {
    "": frozenset({"created"}),
    "created": frozenset({"queued"}),
    "queued": frozenset({"in_progress", "cancelling", "failed", "expired"}),
    "in_progress": frozenset({"requires_action", "completed", "failed", "incomplete", "cancelling", "expired"}),
    "requires_action": frozenset({"queued", "cancelling", "cancelled", "expired"}),
    "cancelling": frozenset({"cancelled", "completed"}),
    "completed": frozenset(),
    "failed": frozenset(),
    "incomplete": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
}
FINAL = frozenset(status for status, following in NEXT.items() if not following)

TIMES = {
    "completed": "completed_at",
    "incomplete": "completed_at",
    "failed": "failed_at",
    "cancelled": "cancelled_at",
}
"""Which time a run in a final status bears."""

Begin = Literal["run", "thread", "outputs"]
"""What the stream answers: create run, create thread and run, submit tool outputs."""


@dataclass
class Story:
    """What a run's streams told: its last body, and what came of it."""

    run: dict[str, Any] = field(default_factory=dict)
    thread: dict[str, Any] | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text of all messages, one after another."""
        return "".join(
            part["text"]["value"] for message in self.messages for part in message["content"] if part["type"] == "text"
        )


def check_stream(
    *streams: Iterable[Event],
    begins: Begin = "run",
    pending: dict[str, Any] | None = None,
    whole: bool = True,
    replayed: bool = False,
    interrupted: bool = False,
    generation: Generation = "v2",
    served: Collection[str] = (),
) -> Story:
    """Raise ContractBroken at the first event that is malformed or may not stand where it stands.

    `streams` are the streams of one run, in order: the first up to `requires_action`, then those of each
    submission. `pending` is the open step that a stream of `outputs` goes on with, where the streams before it
    are not given. `whole=False` lets the last stream break off anywhere. `replayed` is the events route, where
    one stream tells a run past its `requires_action`. `interrupted` allows what only a crash explains: a step
    that ends without its run, and what was sent in the moment before the crash and not stored any more, be it
    text, a whole step or the run's own `in_progress`. `served` are functions that the server runs itself: the client
    is not asked for those, nor for calls of hosted tools.
    """
    order = _Order(replayed=replayed, interrupted=interrupted, generation=generation, served=served)
    for count, stream in enumerate(streams):
        order.begin(begins if count == 0 else "outputs", pending if count == 0 else None)
        for event in stream:
            order.feed(event)
        if whole or count < len(streams) - 1:
            order.expect(order.closed, "the stream ends without `done`")
    return order.story


class _Order:
    def __init__(self, *, replayed: bool, interrupted: bool, generation: Generation, served: Collection[str]) -> None:
        self.generation = generation
        self.served = served
        self.replayed = replayed
        self.interrupted = interrupted
        self.story = Story()
        self.closed = False
        self._status = ""
        self._step: dict[str, Any] | None = None
        self._step_begun = False
        self._message: dict[str, Any] | None = None
        self._message_begun = False
        self._content: list[dict[str, Any]] = []
        self._calls: list[dict[str, Any]] = []
        self._number = 0
        self._going_on = False
        self._awaits_thread = False
        self._ended_badly = False
        self._seen: list[str] = []

    def begin(self, begins: Begin, pending: dict[str, Any] | None) -> None:
        self.closed = False
        self._going_on = begins == "outputs"
        self._awaits_thread = begins == "thread"
        if pending is not None:
            self._status = "requires_action"
            self._step, self._step_begun = pending, True
            self._calls = [_without_output(call) for call in pending["step_details"]["tool_calls"]]
        elif begins == "outputs":
            self.expect(self._status == "requires_action", "outputs go on with a run that didn't ask for any")

    def feed(self, event: Event) -> None:
        self._seen.append(event.name)
        validate_event(event.name, event.data, generation=self.generation)
        self.expect(not self.closed, "an event after `done`")
        paused = self._status == "requires_action" and not self._going_on and not self.replayed
        self.expect(event.name == "done" or not paused, f"{event.name} after requires_action in one stream")
        if event.id is not None:
            self.expect(event.id > self._number, f"number {event.id} after {self._number}")
            self._number = event.id
        if self._awaits_thread:
            self.expect(event.name == "thread.created", "the stream doesn't begin with thread.created")
        family, _, verb = event.name.rpartition(".")
        match family:
            case "thread" if verb == "created":
                self._thread(event.data)
            case "thread.run":
                self._run(verb, event.data)
            case "thread.run.step":
                self._step_event(verb, event.data)
            case "thread.message":
                self._message_event(verb, event.data)
            case _:
                self._end(event.name)

    def expect(self, held: bool, claim: str) -> None:
        if not held:
            raise ContractBroken(f"{claim}; the events so far: {' '.join(_short(self._seen))}")

    def same(self, what: str, got: Any, expected: Any) -> None:
        self.expect(got == expected, f"{what} is {got!r}, expected {expected!r}")

    # The run

    def _thread(self, thread: dict[str, Any]) -> None:
        self.expect(self._awaits_thread, "thread.created where no thread was made")
        self._awaits_thread = False
        self.story.thread = thread

    def _run(self, verb: str, run: dict[str, Any]) -> None:
        if self.interrupted and (verb in FINAL or verb == self._status == "in_progress"):
            self._forget()
        again = self.interrupted and verb == self._status == "in_progress"
        self.expect(again or verb in NEXT[self._status], f"thread.run.{verb} in status {self._status or 'none'!r}")
        self._run_body(verb, run)
        if verb == "queued" and self._status == "created":
            self.same("the body of thread.run.queued", run, self.story.run)
        if verb == "queued" and self._status == "requires_action":
            self.expect(self._step is None, "queued again before its tool step is completed")
        if verb in FINAL:
            self.expect(self._message is None, f"thread.run.{verb} with an open message")
            self.expect(self._step is None, f"thread.run.{verb} with an open step")
        self._status = verb
        self._going_on = False
        self.story.run = run

    def _run_body(self, verb: str, run: dict[str, Any]) -> None:
        self.same("status", run["status"], "queued" if verb == "created" else verb)
        if self.story.run:
            self.same("the run's id", run["id"], self.story.run["id"])
            self.same("thread_id", run["thread_id"], self.story.run["thread_id"])
        if self.story.thread is not None:
            self.same("thread_id", run["thread_id"], self.story.thread["id"])
        self.same(f"expires_at is null in {verb}", run["expires_at"] is None, verb in FINAL)
        if verb in TIMES:
            self.expect(run[TIMES[verb]] is not None, f"{TIMES[verb]} is null in {verb}")
        if verb not in FINAL:
            self.same(f"usage in {verb}", run["usage"], None)
        if verb in ("in_progress", "requires_action"):
            self.expect(run["started_at"] is not None, f"started_at is null in {verb}")
        if verb == "completed":
            self.expect(run["usage"] is not None, "usage is null in completed")
        self.same(f"{verb} has a last_error", run["last_error"] is not None, verb == "failed")
        self.same(f"{verb} has incomplete_details", bool(run["incomplete_details"]), verb == "incomplete")
        self._required_action(verb, run)

    def _required_action(self, verb: str, run: dict[str, Any]) -> None:
        action = run["required_action"]
        self.same(f"{verb} has a required_action", action is not None, verb == "requires_action")
        if action is not None:
            self.expect(self._open("tool_calls"), "requires_action without an open tool step")
            functions = [call for call in self._calls if call["type"] == "function"]
            asked = [call for call in functions if call["function"]["name"] not in self.served]
            self.same("required_action's calls", action["submit_tool_outputs"]["tool_calls"], asked)

    def _end(self, name: str) -> None:
        if name == "done":
            self.expect(self._status in {*FINAL, "requires_action", "error"}, f"done in {self._status!r}")
            self.closed = True
        else:
            self._status = "error"

    # Steps

    def _step_event(self, verb: str, body: dict[str, Any]) -> None:
        if verb == "created":
            self._open_step(body)
            return
        if self._step is None:
            raise ContractBroken(f"thread.run.step.{verb} without a step: {' '.join(_short(self._seen))}")
        self.same("the step's id", body["id"], self._step["id"])
        match verb:
            case "in_progress":
                self.expect(not self._step_begun, "step.in_progress twice")
                self.same("the body of step.in_progress", body, self._step)
                self._step_begun = True
            case "delta":
                self._step_delta(body["delta"]["step_details"])
            case _:
                self._close_step(verb, body)

    def _forget(self) -> None:
        """A step that was under way when the server died, and that it knows nothing of, is never heard of again."""
        self._step = self._message = None

    def _open_step(self, step: dict[str, Any]) -> None:
        if self.interrupted:
            self._forget()
        self.same("the status at step.created", self._status, "in_progress")
        self.expect(self._step is None, "step.created before the step before it ended")
        self.expect(self.interrupted or not self._ended_badly, "a step after one that was broken off")
        self._step_body(step, "in_progress")
        if step["type"] == "tool_calls":
            self.same("tool_calls of a new step", step["step_details"]["tool_calls"], [])
        self._step, self._step_begun, self._calls = step, False, []

    def _step_body(self, step: dict[str, Any], status: str) -> None:
        self.same("the step's status", step["status"], status)
        self.same("the step's details' type", step["step_details"]["type"], step["type"])
        if self.story.run:
            self.same("the step's run_id", step["run_id"], self.story.run["id"])
            self.same("the step's thread_id", step["thread_id"], self.story.run["thread_id"])
        if status != "in_progress":
            self.expect(step[f"{status}_at"] is not None, f"{status}_at is null in a step that is {status}")
        self.same("a step has last_error", step["last_error"] is not None, status == "failed")

    def _step_delta(self, details: dict[str, Any]) -> None:
        self.expect(self._open("tool_calls"), "step.delta without an open tool step")
        self.same("the delta's type", details["type"], "tool_calls")
        for delta in details["tool_calls"]:
            index, last = delta["index"], len(self._calls) - 1
            if "outputs" in delta.get("code_interpreter", ()) and "id" not in delta:
                self.expect(index <= last, f"outputs of call {index} after call {last}")
                self._code_outputs(self._calls[index], delta)
                continue
            self.expect(index in (last, last + 1), f"fragment of call {index} after call {last}")
            if index > last:
                self._first_fragment(delta)
            else:
                self._later_fragment(delta)

    def _first_fragment(self, delta: dict[str, Any]) -> None:
        expected_keys = {"index", "id", "type", delta["type"]}
        self.same("the keys of a call's first fragment", set(delta), expected_keys)
        if delta["type"] == "function":
            function = delta["function"]
            self.same("a call's first fragment", {**function, "name": ""}, _NEW_FUNCTION)
            self.expect(bool(function["name"]), "a call without a name")
        if delta["type"] == "code_interpreter":
            self.same("a call's first fragment", delta["code_interpreter"], {"input": "", "outputs": []})
        self._calls.append(_without_output(delta))

    def _later_fragment(self, delta: dict[str, Any]) -> None:
        call = self._calls[-1]
        self.same("the call's type", delta["type"], call["type"])
        if delta["type"] == "function":
            self.same("the keys of a later fragment", set(delta), {"index", "type", "function"})
            self.same("a later fragment's function", set(delta["function"]), {"arguments"})
            call["function"]["arguments"] += delta["function"]["arguments"]
        if delta["type"] == "code_interpreter":
            self.same("the keys of a later fragment", set(delta), {"index", "type", "code_interpreter"})
            self.same("a later fragment's code", set(delta["code_interpreter"]), {"input"})
            call["code_interpreter"]["input"] += delta["code_interpreter"]["input"]

    def _code_outputs(self, call: dict[str, Any], delta: dict[str, Any]) -> None:
        """What code came to is told once, whole, when its call has ended: the calls may end in any order."""
        self.same("the keys of what code came to", set(delta), {"index", "type", "code_interpreter"})
        inner = delta["code_interpreter"]
        self.same("what code came to", set(inner), {"outputs"})
        self.same("outputs told before", call["code_interpreter"]["outputs"], [])
        self.same("the outputs' places", [one["index"] for one in inner["outputs"]], [*range(len(inner["outputs"]))])
        call["code_interpreter"]["outputs"] = [_placed(one) for one in inner["outputs"]]

    def _close_step(self, verb: str, step: dict[str, Any]) -> None:
        self._step_body(step, verb)
        self.expect(self._step_begun, f"step.{verb} before step.in_progress")
        self.expect(self._message is None, f"step.{verb} with an open message")
        if step["type"] == "tool_calls":
            self._final_calls(verb, step["step_details"]["tool_calls"])
        elif self.story.messages:
            promised = step["step_details"]["message_creation"]["message_id"]
            self.same("the step's message", self.story.messages[-1]["id"], promised)
        self.story.steps.append(step)
        self._step = None
        self._ended_badly = verb != "completed"

    def _final_calls(self, verb: str, calls: list[dict[str, Any]]) -> None:
        functions = [call for call in calls if call["type"] == "function"]
        if verb == "completed":
            begun = [(call["id"], call["type"]) for call in self._calls]
            self.same("the completed step's calls by id", [(call["id"], call["type"]) for call in calls], begun)
            seen = [call for call in self._calls if call["type"] == "function"]
            self.same("the completed step's calls", [_without_output(call) for call in functions], seen)
            told = [call for call in self._calls if call["type"] == "code_interpreter"]
            code = [call for call in calls if call["type"] == "code_interpreter"]
            self.same("the code that was run, with its outputs", code, told)
            for call in functions:
                self.expect(call["function"]["output"] is not None, f"no output in completed call {call['id']}")

    def _open(self, kind: str) -> bool:
        return self._step is not None and self._step_begun and self._step["type"] == kind

    # Messages

    def _message_event(self, verb: str, body: dict[str, Any]) -> None:
        if verb == "created":
            self._open_message(body)
            return
        if self._message is None:
            raise ContractBroken(f"thread.message.{verb} without a message: {' '.join(_short(self._seen))}")
        self.same("the message's id", body["id"], self._message["id"])
        match verb:
            case "in_progress":
                self.expect(not self._message_begun, "message.in_progress twice")
                self.same("the body of message.in_progress", body, self._message)
                self._message_begun = True
            case "delta":
                self.expect(self._message_begun, "a delta before message.in_progress")
                for delta in body["delta"]["content"]:
                    self._grow(delta)
            case _:
                self._close_message(verb, body)

    def _open_message(self, message: dict[str, Any]) -> None:
        self.expect(self._message is None, "message.created before the message before it ended")
        self.expect(self._open("message_creation"), "message.created without an open message step")
        promised = self._step and self._step["step_details"]["message_creation"]["message_id"]
        self.same("the message's id", message["id"], promised)
        self.same("the new message's content", message["content"], [])
        self.same("the new message's status", message["status"], "in_progress")
        self.same("the new message's role", message["role"], "assistant")
        if self.story.run:
            self.same("the message's run_id", message["run_id"], self.story.run["id"])
            self.same("the message's thread_id", message["thread_id"], self.story.run["thread_id"])
        self._message, self._message_begun, self._content = message, False, []

    def _grow(self, delta: dict[str, Any]) -> None:
        index, size = delta["index"], len(self._content)
        self.expect(index in (size - 1, size), f"content part {index} after {size} parts")
        if index == size:
            if delta["type"] == "text":
                self.same("annotations of the first text delta", delta["text"].get("annotations"), [])
            self._content.append(_placed(delta))
        else:
            self.same("the part's type", delta["type"], self._content[index]["type"])
            self._grow_text(self._content[index]["text"], delta["text"])

    def _grow_text(self, text: dict[str, Any], delta: dict[str, Any]) -> None:
        text["value"] += delta.get("value", "")
        marks = delta.get("annotations")
        self.expect(marks != [], "a later text delta with empty annotations")
        for mark in marks or []:
            self.same("the annotation's index", mark["index"], len(text["annotations"]))
            text["annotations"].append(_placed(mark))

    def _close_message(self, verb: str, message: dict[str, Any]) -> None:
        self.expect(self._message_begun, f"message.{verb} before message.in_progress")
        self.same("the message's status", message["status"], verb)
        self.expect(message[f"{verb}_at"] is not None, f"{verb}_at is null in a message that is {verb}")
        self.same("incomplete_details", bool(message["incomplete_details"]), verb == "incomplete")
        if not (self.interrupted and _text_of(self._content).startswith(_text_of(message["content"]))):
            self.same("the message's content", message["content"], self._content)
        self.story.messages.append(message)
        self._message = None


_NEW_FUNCTION = {"name": "", "arguments": "", "output": None}


def _without_output(call: dict[str, Any]) -> dict[str, Any]:
    """The call as `required_action` shows it: its own copy, with neither place nor output."""
    kind = call["type"]
    inner = {key: value for key, value in call[kind].items() if key != "output"}
    return {**{key: value for key, value in call.items() if key != "index"}, kind: inner}


def _placed(entry: dict[str, Any]) -> dict[str, Any]:
    """A copy of a delta's entry, without the index that only says its place."""
    return {key: deepcopy(value) for key, value in entry.items() if key != "index"}


def _text_of(content: list[dict[str, Any]]) -> str:
    return "".join(part["text"]["value"] for part in content if part["type"] == "text")


def _short(names: list[str]) -> list[str]:
    """Names with runs of the same one folded, so that an error stays readable."""
    folded: list[str] = []
    for name in names:
        if folded and folded[-1].split("*")[0] == name:
            count = int(folded[-1].partition("*")[2] or 1) + 1
            folded[-1] = f"{name}*{count}"
        else:
            folded.append(name)
    return folded
