"""What a run can be told: overrides, more messages, limits; and how it ends when something goes wrong."""

import inspect

from openai import OpenAI

client = OpenAI()
SETTINGS = inspect.signature(client.beta.threads.runs.create_and_poll).parameters
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
assistant = client.beta.assistants.create(
    model="gpt-4o",
    name="Overridden",
    instructions="The assistant's own.",
    tools=[TOOL],
    temperature=0.1,
    top_p=0.2,
    metadata={"of": "assistant"},
)


def thread_with(*texts):
    return client.beta.threads.create(messages=[{"role": "user", "content": text} for text in texts]).id


def last_text(thread_id):
    return client.beta.threads.messages.list(thread_id).data[0].content[0].text.value


def finished(thread_id, **settings):
    return client.beta.threads.runs.create_and_poll(
        thread_id=thread_id, assistant_id=assistant.id, poll_interval_ms=50, **settings
    )


# Without overrides the run shows the assistant's values and the contract's defaults
thread_id = thread_with("who are you?")
run = finished(thread_id)
assert run.status == "completed", run
assert run.model == "gpt-4o", run
assert run.instructions == "The assistant's own.", run
assert [tool.function.name for tool in run.tools] == ["get_weather"], run
assert (run.temperature, run.top_p) == (0.1, 0.2), run
assert run.metadata == {}, run
assert run.parallel_tool_calls is True, run
assert run.tool_choice == "auto", run
assert run.response_format == "auto", run
assert run.truncation_strategy.type == "auto", run
assert run.truncation_strategy.last_messages is None, run
assert (run.max_prompt_tokens, run.max_completion_tokens) == (None, None), run
assert last_text(thread_id) == "The assistant's own.", last_text(thread_id)

# For one run; the helper of 1.35.0 doesn't know this one setting, which create does, so it goes beside the others
one_by_one = {"parallel_tool_calls": False}
if "parallel_tool_calls" not in SETTINGS:
    one_by_one = {"extra_body": one_by_one}
thread_id = thread_with("who are you?")
run = finished(
    thread_id,
    model="gpt-4",
    instructions="For this run.",
    additional_instructions="And more.",
    tools=[],
    temperature=0.9,
    top_p=0.8,
    metadata={"of": "run"},
    tool_choice="none",
    response_format={"type": "text"},
    max_prompt_tokens=5000,
    max_completion_tokens=4000,
    truncation_strategy={"type": "last_messages", "last_messages": 3},
    **one_by_one,
)
assert run.status == "completed", run
assert run.model == "gpt-4", run
assert "For this run." in run.instructions, run
assert "And more." in run.instructions, run
assert "assistant's own" not in run.instructions, run
assert run.tools == [], run
assert (run.temperature, run.top_p) == (0.9, 0.8), run
assert run.metadata == {"of": "run"}, run
assert run.parallel_tool_calls is False, run
assert run.tool_choice == "none", run
assert run.response_format.type == "text", run
assert (run.max_prompt_tokens, run.max_completion_tokens) == (5000, 4000), run
assert run.truncation_strategy.type == "last_messages", run
assert run.truncation_strategy.last_messages == 3, run
assert last_text(thread_id) == "The one of this run.", last_text(thread_id)
assert client.beta.assistants.retrieve(assistant.id) == assistant, "an override changed the assistant"

# The run keeps the values that it ran with
client.beta.assistants.update(assistant.id, instructions="New ones.")
assert client.beta.threads.runs.retrieve(run.id, thread_id=thread_id) == run
client.beta.assistants.update(assistant.id, instructions="The assistant's own.")

# More messages on the way
thread_id = thread_with("say hello")
run = finished(
    thread_id,
    additional_messages=[
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "echo this", "metadata": {"added": "yes"}},
    ],
)
texts = [message.content[0].text.value for message in client.beta.threads.messages.list(thread_id, order="asc")]
assert texts == ["say hello", "Hello.", "echo this", "You said: echo this"], texts
added = client.beta.threads.messages.list(thread_id, order="asc").data[2]
assert added.metadata == {"added": "yes"}, added
assert added.role == "user", added

# A named tool
thread_id = thread_with("weather in Oslo")
run = finished(thread_id, tool_choice={"type": "function", "function": {"name": "get_weather"}})
assert run.tool_choice.function.name == "get_weather", run
assert run.status == "requires_action", run
client.beta.threads.runs.cancel(run.id, thread_id=thread_id)

# Truncation leaves the older messages out of the prompt
long = "echo " + "many words " * 200
all_of_it = finished(thread_with(long, long, long, "echo short"))
little = finished(
    thread_with(long, long, long, "echo short"), truncation_strategy={"type": "last_messages", "last_messages": 1}
)
assert little.usage.prompt_tokens < all_of_it.usage.prompt_tokens, (little.usage, all_of_it.usage)

# Too many tokens
thread_id = thread_with("ramble")
run = finished(thread_id, max_completion_tokens=16)
assert run.status == "incomplete", run
assert run.incomplete_details.reason == "max_completion_tokens", run
assert run.max_completion_tokens == 16, run
assert run.completed_at is not None, run
assert run.expires_at is None, run
assert run.usage.completion_tokens <= 16, run.usage
message = client.beta.threads.messages.list(thread_id).data[0]
assert message.status == "incomplete", message
assert message.incomplete_details.reason == "max_tokens", message
assert message.content[0].text.value.startswith("one more word"), message
(step,) = client.beta.threads.runs.steps.list(run.id, thread_id=thread_id).data
assert step.status == "completed", step

# Faults of the model end the run as failed, with what was said kept
for text, code in (
    ("fail with 429", "rate_limit_exceeded"),
    ("fail with 500", "server_error"),
    ("fail unreachable", "server_error"),
):
    run = finished(thread_with(text))
    assert run.status == "failed", run
    assert run.last_error.code == code, run.last_error
    assert run.last_error.message.strip(), run.last_error
    assert "Traceback" not in run.last_error.message, run.last_error
    assert run.failed_at is not None, run
    assert run.expires_at is None, run
thread_id = thread_with("fail in the middle")
run = finished(thread_id)
assert run.status == "failed", run
assert run.last_error.code == "server_error", run.last_error
message = client.beta.threads.messages.list(thread_id).data[0]
assert message.role == "assistant", message
assert message.status == "incomplete", message
assert message.incomplete_details.reason == "run_failed", message
assert "This answer breaks off somewhere in the middle.".startswith(message.content[0].text.value), message
assert message.content[0].text.value, message
(step,) = client.beta.threads.runs.steps.list(run.id, thread_id=thread_id).data
assert step.status == "failed", step
assert step.last_error.code == "server_error", step

# After a failed run the thread goes on
client.beta.threads.messages.create(thread_id, role="user", content="say hello")
assert finished(thread_id).status == "completed"

# Instructions alone are enough to answer to
run = finished(client.beta.threads.create().id)
assert run.status == "completed", run
