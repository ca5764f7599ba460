"""The helpers that wait: create_and_poll, create_and_run_poll, submit_tool_outputs_and_poll, poll."""

import json

from openai import OpenAI

client = OpenAI()
assistant = client.beta.assistants.create(
    model="gpt-4o",
    instructions="Be brief.",
    tools=[
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
            },
        }
    ],
)

# With the helper's own pace
thread = client.beta.threads.create(messages=[{"role": "user", "content": "say hello"}])
run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
assert run.status == "completed", run
assert run.thread_id == thread.id, run
assert run.assistant_id == assistant.id, run
assert run.started_at is not None, run
assert run.completed_at is not None, run
assert run.expires_at is None, run
assert run.required_action is None, run
assert run.last_error is None, run
assert run.incomplete_details is None, run
assert run.instructions == "Be brief.", run
assert run.usage.prompt_tokens == 12, run.usage
assert run.usage.completion_tokens == 7, run.usage
assert run.usage.total_tokens == 19, run.usage
reply = client.beta.threads.messages.list(thread.id).data[0]
assert reply.role == "assistant", reply
assert reply.run_id == run.id, reply
assert reply.assistant_id == assistant.id, reply
assert reply.content[0].text.value == "Hello! This is a reply that comes in several pieces.", reply
assert client.beta.threads.runs.poll(run.id, thread_id=thread.id) == run

# A run that waits for outputs ends the polling too
run = client.beta.threads.create_and_run_poll(
    assistant_id=assistant.id,
    thread={"messages": [{"role": "user", "content": "weather in Paris and Rome"}], "metadata": {"a": "b"}},
    poll_interval_ms=50,
)
assert run.status == "requires_action", run
assert client.beta.threads.retrieve(run.thread_id).metadata == {"a": "b"}
assert run.required_action.type == "submit_tool_outputs", run.required_action
assert run.usage is None, run.usage
assert run.expires_at == run.created_at + 600, run
calls = run.required_action.submit_tool_outputs.tool_calls
assert [call.function.name for call in calls] == ["get_weather", "get_weather"], calls
assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Paris"}, {"city": "Rome"}], calls
assert all(call.type == "function" and call.id for call in calls), calls
assert len({call.id for call in calls}) == 2, calls

run = client.beta.threads.runs.submit_tool_outputs_and_poll(
    run_id=run.id,
    thread_id=run.thread_id,
    tool_outputs=[{"tool_call_id": call.id, "output": f"{10 + place} degrees"} for place, call in enumerate(calls)],
    poll_interval_ms=50,
)
assert run.status == "completed", run
assert run.required_action is None, run
text = client.beta.threads.messages.list(run.thread_id).data[0].content[0].text.value
assert text.startswith("The tools said: "), text
assert "10 degrees" in text, text
assert "11 degrees" in text, text

# Steps: the calls with their outputs, then the message; the run's usage is the sum of theirs
steps = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data
assert [step.type for step in steps] == ["tool_calls", "message_creation"], steps
assert [step.status for step in steps] == ["completed", "completed"], steps
done = steps[0].step_details.tool_calls
assert [(call.id, call.function.output) for call in done] == [
    (calls[0].id, "10 degrees"),
    (calls[1].id, "11 degrees"),
], done
assert [call.function.arguments for call in done] == [call.function.arguments for call in calls], done
message = client.beta.threads.messages.list(run.thread_id).data[0]
assert steps[1].step_details.message_creation.message_id == message.id, steps[1]
for step in steps:
    assert step.run_id == run.id, step
    assert step.thread_id == run.thread_id, step
    assert step.assistant_id == assistant.id, step
    assert step.completed_at is not None, step
    found = client.beta.threads.runs.steps.retrieve(step.id, run_id=run.id, thread_id=run.thread_id)
    assert found == step, found
newest = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, limit=1)
assert [step.id for step in newest] == [steps[1].id, steps[0].id], newest
assert sum(step.usage.prompt_tokens for step in steps) == run.usage.prompt_tokens == 50, steps
assert sum(step.usage.completion_tokens for step in steps) == run.usage.completion_tokens == 15, steps
assert run.usage.total_tokens == 65, run.usage
