"""A run's events as server-sent events of the Assistants API.

One event of ours may be several of the API's. The last of them bears its number as `id:`, after the data, where
naive readers of `event:` and `data:` lines don't trip over it: a client that got only a part asks for it again.
"""

from collections.abc import Iterable
from typing import Any, assert_never

import msgspec

from retinue.api.assistants.form import Form, Render
from retinue.core.citations import Mark
from retinue.core.events import (
    CallDelta,
    CallEnded,
    CallStarted,
    Cited,
    Event,
    ImageShown,
    RunChanged,
    StepEnded,
    StepStarted,
    TextDeltas,
    Waiting,
)
from retinue.core.item import ImageFile, Message
from retinue.core.run import Run, Status
from retinue.core.step import Step
from retinue.core.thread import Thread

_DELTA = (
    b'event: thread.message.delta\ndata: {"id":"%b","object":"thread.message.delta","delta":{"content":'
    b'[{"index":0,"type":"text","text":{"value":'
)
_LATER_DELTA = _DELTA.replace(b'"index":0', b'"index":%d')

DONE = b"event: done\ndata: [DONE]\n\n"

_encode = msgspec.json.Encoder().encode


def frames(events: Iterable[Event], form: Form, *, contents: bool = False) -> bytes:
    """Return the bytes of events in order, in one generation's form, perhaps with the contents of what was found."""
    return b"".join([_frames(event, form.render, contents) for event in events])


def frames_and_notices(events: Iterable[Event], form: Form, *, contents: bool = False) -> bytes:
    """Return the same with notices: events that only those get who ask for them, for some clients take no others."""
    return b"".join(
        [_notice(event) if isinstance(event, Waiting) else _frames(event, form.render, contents) for event in events]
    )


def thread_created(thread: Thread, form: Form) -> bytes:
    """Return the event that create_and_run begins with; it isn't the run's, so it has no number."""
    return _frame("thread.created", form.render.thread(thread)) + b"\n"


def fault(message: str) -> bytes:
    """Return the event of a stream that can't go on."""
    error = {"message": message, "type": "server_error", "param": None, "code": "server_error"}
    return _frame("error", {"error": error}) + b"\n"


def _frames(event: Event, render: Render, contents: bool) -> bytes:
    match event:
        case TextDeltas():
            return _text_deltas(event)
        case CallStarted() | CallDelta() | CallEnded():
            return _call_delta(event, render)
        case Cited():
            return _citation(event, render)
        case ImageShown():
            return _image(event, render)
        case RunChanged(number, run):
            return _numbered(number, _run_frames(run, render))
        case StepStarted(number, step, message):
            return _numbered(number, _started_frames(step, message, render))
        case StepEnded(number, step, message):
            return _numbered(number, _ended_frames(event, step, message, render, contents))
        case Waiting():
            return b""
    assert_never(event)


def _text_deltas(event: TextDeltas) -> bytes:
    begin = _begin(event.message_id, event.part)
    values = [_encode(text) for text in event.texts]
    if event.opening:
        values[0] += b',"annotations":[]'
    first = event.number - len(values) + 1
    told = [b"%b%b}}]}}\nid: %d\n\n" % (begin, value, number) for number, value in enumerate(values, first)]
    return b"".join(told)


def _begin(message_id: str, part: int) -> bytes:
    """The delta of a message up to the text that it brings."""
    if not part:
        return _DELTA % message_id.encode()
    return _LATER_DELTA % (message_id.encode(), part)


def _citation(event: Cited, render: Render) -> bytes:
    """A citation is a delta of its own, whose text is all of its marker or link: a message's first delta has none."""
    begin = _begin(event.message_id, event.part)
    opening = [b'%b"","annotations":[]}}]}}\n' % begin] if event.opening else []
    annotation = {"index": event.index, **render.annotation(event.mark)}
    told = b'%b%b,"annotations":[%b]}}]}}\n' % (begin, _encode(_grown(event.mark)), _encode(annotation))
    return _numbered(event.number, [*opening, told])


def _grown(mark: Mark) -> str:
    """What the text grew by: a marker, or the link itself."""
    return mark.annotation.marker or mark.text


def _image(event: ImageShown, render: Render) -> bytes:
    part = {"index": event.part, **render.part(ImageFile(file_id=event.file_id))}
    data = {"id": event.message_id, "object": "thread.message.delta", "delta": {"content": [part]}}
    return _numbered(event.number, [_frame("thread.message.delta", data)])


def _call_delta(event: CallStarted | CallDelta | CallEnded, render: Render) -> bytes:
    call = {"index": event.index, **_call(event, render)}
    delta = {"step_details": {"type": "tool_calls", "tool_calls": [call]}}
    data = {"id": event.step_id, "object": "thread.run.step.delta", "delta": delta}
    return _numbered(event.number, [_frame("thread.run.step.delta", data)])


def _call(event: CallStarted | CallDelta | CallEnded, render: Render) -> dict[str, Any]:
    match event:
        case CallStarted(kind="function"):
            function = {"name": event.name, "arguments": "", "output": None}
            return {"type": "function", "id": event.call_id, "function": function}
        case CallStarted():
            name = render.hosted(event.kind)
            begun = {"input": "", "outputs": []} if event.kind == "code_interpreter" else {}
            return {"id": event.call_id, "type": name, name: begun}
        case CallDelta(kind="function"):
            return {"type": "function", "function": {"arguments": event.arguments}}
        case CallDelta():
            return {"type": event.kind, event.kind: {"input": event.arguments}}
        case CallEnded():
            outputs = [{"index": index, **shown} for index, shown in enumerate(render.code_outputs(event.output))]
            return {"type": "code_interpreter", "code_interpreter": {"outputs": outputs}}


def _notice(event: Waiting) -> bytes:
    return _frame("retinue.waiting", {"why": event.why, "seconds": event.seconds}) + b"\n"


def _run_frames(run: Run, render: Render) -> list[bytes]:
    data = render.run(run)
    if run.status is Status.QUEUED and len(run.transitions) == 1:
        return _frames_of(data, "thread.run.created", "thread.run.queued")
    return [_frame(f"thread.run.{data['status']}", data)]  # as it is shown: v1 has fewer states


def _started_frames(step: Step, message: Message | None, render: Render) -> list[bytes]:
    told = _frames_of(render.step(step, (), ()), "thread.run.step.created", "thread.run.step.in_progress")
    if message is not None:
        told += _frames_of(render.message(message), "thread.message.created", "thread.message.in_progress")
    return told


def _ended_frames(event: StepEnded, step: Step, message: Message | None, render: Render, contents: bool) -> list[bytes]:
    told = [_frame(f"thread.message.{message.status}", render.message(message))] if message else []
    rendered = render.step(step, event.calls, event.outputs, contents=contents)
    return [*told, _frame(f"thread.run.step.{step.status}", rendered)]


def _frame(name: str, data: Any) -> bytes:
    return _frames_of(data, name)[0]


def _frames_of(data: Any, *names: str) -> list[bytes]:
    """Return a frame of each name that bears the data."""
    encoded = _encode(data)
    return [b"event: %b\ndata: %b\n" % (name.encode(), encoded) for name in names]


def _numbered(number: int, told: list[bytes]) -> bytes:
    return b"\n".join(told) + b"id: %d\n\n" % number
