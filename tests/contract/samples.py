"""Bodies and streams as the service sent them, for the tests of the checks."""

from typing import Any

from contract.sse import Event

NOW = 1_700_000_000


def run(status: str, **changes: Any) -> dict[str, Any]:
    final = status in ("completed", "failed", "incomplete", "cancelled", "expired")
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    return {
        "id": "run_1",
        "object": "thread.run",
        "created_at": NOW,
        "thread_id": "thread_1",
        "assistant_id": "asst_1",
        "status": status,
        "required_action": None,
        "last_error": None,
        "expires_at": None if final else NOW + 600,
        "started_at": None if status == "queued" else NOW,
        "cancelled_at": NOW if status == "cancelled" else None,
        "failed_at": NOW if status == "failed" else None,
        "completed_at": NOW if status in ("completed", "incomplete") else None,
        "incomplete_details": None,
        "model": "rehearsal",
        "instructions": "",
        "tools": [],
        "tool_resources": {},
        "metadata": {},
        "usage": usage if final else None,
        "temperature": 1.0,
        "top_p": 1.0,
        "max_prompt_tokens": None,
        "max_completion_tokens": 16,
        "truncation_strategy": {"type": "auto", "last_messages": None},
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "response_format": "auto",
        "reasoning_effort": None,
        **changes,
    }


def step(kind: str, status: str = "in_progress", **changes: Any) -> dict[str, Any]:
    details: dict[str, Any] = {"type": kind}
    details[kind] = [] if kind == "tool_calls" else {"message_id": "msg_1"}
    return {
        "id": f"step_{kind}",
        "object": "thread.run.step",
        "created_at": NOW,
        "assistant_id": "asst_1",
        "thread_id": "thread_1",
        "run_id": "run_1",
        "type": kind,
        "status": status,
        "step_details": details,
        "last_error": None,
        "expires_at": NOW + 600,
        "expired_at": None,
        "cancelled_at": None,
        "failed_at": None,
        "completed_at": NOW if status == "completed" else None,
        "metadata": None,
        "usage": None,
        **changes,
    }


def message(text: str | None = None, **changes: Any) -> dict[str, Any]:
    content = [] if text is None else [{"type": "text", "text": {"value": text, "annotations": []}}]
    return {
        "id": "msg_1",
        "object": "thread.message",
        "created_at": NOW,
        "thread_id": "thread_1",
        "status": "in_progress" if text is None else "completed",
        "incomplete_details": None,
        "completed_at": None if text is None else NOW,
        "incomplete_at": None,
        "role": "assistant",
        "content": content,
        "assistant_id": "asst_1",
        "run_id": "run_1",
        "attachments": [],
        "metadata": {},
        **changes,
    }


def text_delta(value: str, **text: Any) -> Event:
    content = [{"index": 0, "type": "text", "text": {"value": value, **text}}]
    delta = {"id": "msg_1", "object": "thread.message.delta", "delta": {"content": content}}
    return Event("thread.message.delta", delta)


def call_delta(index: int, function: dict[str, Any], **first: Any) -> Event:
    calls = [{"index": index, "type": "function", **first, "function": function}]
    details = {"step_details": {"type": "tool_calls", "tool_calls": calls}}
    delta = {"id": "step_tool_calls", "object": "thread.run.step.delta", "delta": details}
    return Event("thread.run.step.delta", delta)


def first_call_delta(index: int, call_id: str, name: str) -> Event:
    return call_delta(index, {"name": name, "arguments": "", "output": None}, id=call_id)


def call(call_id: str, name: str, arguments: str, **output: Any) -> dict[str, Any]:
    return {
        "id": call_id,
        "type": "function",
        "function": {"name": name, "arguments": arguments, **output},
    }


DONE = Event("done", "[DONE]")


def opening() -> list[Event]:
    return [
        Event("thread.run.created", run("queued")),
        Event("thread.run.queued", run("queued")),
        Event("thread.run.in_progress", run("in_progress")),
    ]


def reply(*pieces: str) -> list[Event]:
    """The events of one message step whose text comes in `pieces`."""
    first, *rest = pieces
    return [
        Event("thread.run.step.created", step("message_creation")),
        Event("thread.run.step.in_progress", step("message_creation")),
        Event("thread.message.created", message()),
        Event("thread.message.in_progress", message()),
        text_delta(first, annotations=[]),
        *(text_delta(piece) for piece in rest),
        Event("thread.message.completed", message("".join(pieces))),
        Event("thread.run.step.completed", step("message_creation", "completed")),
    ]


def plain_run() -> list[Event]:
    return [*opening(), *reply("Hel", "lo"), Event("thread.run.completed", run("completed")), DONE]


def tool_turn() -> list[Event]:
    """Two parallel calls, up to `requires_action`."""
    calls = [call("call_a", "weather", '{"city":"Paris"}'), call("call_b", "weather", '{"city":"Rome"}')]
    action = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": calls}}
    return [
        *opening(),
        Event("thread.run.step.created", step("tool_calls")),
        Event("thread.run.step.in_progress", step("tool_calls")),
        first_call_delta(0, "call_a", "weather"),
        call_delta(0, {"arguments": '{"city":'}),
        call_delta(0, {"arguments": '"Paris"}'}),
        first_call_delta(1, "call_b", "weather"),
        call_delta(1, {"arguments": '{"city":"Rome"}'}),
        Event("thread.run.requires_action", run("requires_action", required_action=action)),
        DONE,
    ]


def outputs_turn() -> list[Event]:
    """What the submission of both outputs answers."""
    calls = [
        call("call_a", "weather", '{"city":"Paris"}', output="18"),
        call("call_b", "weather", '{"city":"Rome"}', output="25"),
    ]
    details = {"type": "tool_calls", "tool_calls": calls}
    return [
        Event("thread.run.step.completed", step("tool_calls", "completed", step_details=details)),
        Event("thread.run.queued", run("queued", started_at=NOW)),
        Event("thread.run.in_progress", run("in_progress")),
        *reply("18 and ", "25"),
        Event("thread.run.completed", run("completed")),
        DONE,
    ]
