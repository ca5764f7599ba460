"""Assistants v1: runs polled by hand, functions, tool outputs, steps, cancel, overrides of the first SDKs."""

import json
import time

from openai import BadRequestError, OpenAI

client = OpenAI()
runs = client.beta.threads.runs
assistant = client.beta.assistants.create(
    model="gpt-4o",
    instructions="The assistant's own.",
    tools=[
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "description": "The weather of a city.",
                "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
            },
        }
    ],
)


def thread_with(*texts):
    return client.beta.threads.create(messages=[{"role": "user", "content": text} for text in texts]).id


def polled(run):
    while run.status in ("queued", "in_progress", "cancelling"):
        time.sleep(0.02)
        run = runs.retrieve(run.id, thread_id=run.thread_id)
    return run


def last_text(thread_id):
    return client.beta.threads.messages.list(thread_id).data[0].content[0].text.value


# A plain run, as the first guide showed it

thread_id = thread_with("say hello")
run = polled(runs.create(thread_id=thread_id, assistant_id=assistant.id))
assert run.status == "completed", run
assert run.thread_id == thread_id, run
assert run.assistant_id == assistant.id, run
assert run.model == "gpt-4o", run
assert run.instructions == "The assistant's own.", run
assert run.file_ids == [], run
assert run.started_at is not None, run
assert run.completed_at is not None, run
assert run.expires_at is None, run
assert run.required_action is None, run
assert run.last_error is None, run
messages = client.beta.threads.messages.list(thread_id).data
assert [message.role for message in messages] == ["assistant", "user"], messages
assert messages[0].content[0].text.value == "Hello! This is a reply that comes in several pieces.", messages
assert messages[0].run_id == run.id, messages
assert messages[0].assistant_id == assistant.id, messages
assert messages[0].file_ids == [], messages
(step,) = runs.steps.list(run.id, thread_id=thread_id).data
assert step.object == "thread.run.step", step
assert step.type == "message_creation", step
assert step.status == "completed", step
assert step.step_details.message_creation.message_id == messages[0].id, step
assert runs.steps.retrieve(step.id, thread_id=thread_id, run_id=run.id) == step

# A thread made on the way, two functions, all outputs at once

run = polled(
    client.beta.threads.create_and_run(
        assistant_id=assistant.id,
        thread={"messages": [{"role": "user", "content": "weather in Paris and Rome"}], "metadata": {"a": "b"}},
    )
)
assert run.status == "requires_action", run
assert client.beta.threads.retrieve(run.thread_id).metadata == {"a": "b"}
assert run.required_action.type == "submit_tool_outputs", run
assert run.expires_at == run.created_at + 600, run
calls = run.required_action.submit_tool_outputs.tool_calls
assert [call.function.name for call in calls] == ["get_weather", "get_weather"], calls
assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Paris"}, {"city": "Rome"}], calls
try:
    runs.submit_tool_outputs(
        run.id, thread_id=run.thread_id, tool_outputs=[{"tool_call_id": calls[0].id, "output": "x"}]
    )
    raise SystemExit("one output of two was taken")
except BadRequestError as error:
    message = f"Expected tool outputs for call_ids ['{calls[0].id}', '{calls[1].id}'], got ['{calls[0].id}']"
    assert message in str(error), error
for refused, message in (
    (lambda: runs.create(run.thread_id, assistant_id=assistant.id), f"already has an active run {run.id}."),
    (
        lambda: client.beta.threads.messages.create(run.thread_id, role="user", content="x"),
        f"Can't add messages to {run.thread_id} while a run {run.id} is active.",
    ),
):
    try:
        refused()
        raise SystemExit("a thread that is locked took something")
    except BadRequestError as error:
        assert message in str(error), error
answer = runs.submit_tool_outputs(
    run.id,
    thread_id=run.thread_id,
    tool_outputs=[{"tool_call_id": call.id, "output": f"{10 + place} degrees"} for place, call in enumerate(calls)],
)
assert answer.id == run.id, answer
run = polled(answer)
assert run.status == "completed", run
assert "10 degrees" in last_text(run.thread_id), last_text(run.thread_id)
assert "11 degrees" in last_text(run.thread_id), last_text(run.thread_id)
steps = runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data
assert [step.type for step in steps] == ["tool_calls", "message_creation"], steps
done = steps[0].step_details.tool_calls
assert [(call.id, call.function.output) for call in done] == [
    (calls[0].id, "10 degrees"),
    (calls[1].id, "11 degrees"),
], done

# For one run

thread_id = thread_with("who are you?")
run = polled(
    runs.create(
        thread_id,
        assistant_id=assistant.id,
        model="gpt-4",
        instructions="For this run. And more.",
        tools=[{"type": "retrieval"}],
        metadata={"of": "run"},
    )
)
assert run.status == "completed", run
assert (run.model, run.instructions, run.metadata) == ("gpt-4", "For this run. And more.", {"of": "run"}), run
assert [tool.type for tool in run.tools] == ["retrieval"], run
assert last_text(thread_id) == "The one of this run.", last_text(thread_id)
assert [tool.type for tool in client.beta.assistants.retrieve(assistant.id).tools] == ["function"]

# Cancelled while the model talks, and while outputs are awaited

run = runs.create(thread_with("count slowly"), assistant_id=assistant.id)
answer = runs.cancel(run.id, thread_id=run.thread_id)
assert answer.status in ("cancelling", "cancelled"), answer
run = polled(answer)
assert run.status == "cancelled", run
assert run.cancelled_at is not None, run
run = polled(runs.create(thread_with("weather in Oslo"), assistant_id=assistant.id))
assert run.status == "requires_action", run
run = polled(runs.cancel(run.id, thread_id=run.thread_id))
assert run.status == "cancelled", run
try:
    runs.cancel(run.id, thread_id=run.thread_id)
    raise SystemExit("a cancelled run could be cancelled")
except BadRequestError as error:
    assert "Cannot cancel run with status 'cancelled'." in str(error), error

# A model that fails

run = polled(runs.create(thread_with("fail with 429"), assistant_id=assistant.id))
assert run.status == "failed", run
assert run.last_error.code == "rate_limit_exceeded", run
assert run.failed_at is not None, run
