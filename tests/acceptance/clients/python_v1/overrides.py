"""Assistants v1: what later packages of it could tell a run: more instructions and messages, limits, choices."""

from openai import OpenAI

client = OpenAI()
assistant = client.beta.assistants.create(
    model="gpt-4o",
    instructions="The assistant's own.",
    tools=[{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}],
)


def thread_with(*texts):
    return client.beta.threads.create(messages=[{"role": "user", "content": text} for text in texts]).id


def finished(thread_id, **settings):
    return client.beta.threads.runs.create_and_poll(
        thread_id=thread_id, assistant_id=assistant.id, poll_interval_ms=50, **settings
    )


thread_id = thread_with("who are you?")
run = finished(
    thread_id,
    model="gpt-4",
    instructions="For this run.",
    additional_instructions="And more.",
    tools=[],
    temperature=0.9,
    metadata={"of": "run"},
    tool_choice="none",
    max_prompt_tokens=5000,
    max_completion_tokens=4000,
    truncation_strategy={"type": "last_messages", "last_messages": 3},
)
assert run.status == "completed", run
assert "For this run." in run.instructions, run
assert "And more." in run.instructions, run
assert (run.model, run.tools, run.temperature, run.tool_choice) == ("gpt-4", [], 0.9, "none"), run
assert (run.max_prompt_tokens, run.max_completion_tokens) == (5000, 4000), run
assert run.truncation_strategy.last_messages == 3, run
message = client.beta.threads.messages.list(thread_id).data[0]
assert message.content[0].text.value == "The one of this run.", message

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

thread_id = thread_with("weather in Oslo")
run = finished(thread_id, tool_choice={"type": "function", "function": {"name": "get_weather"}})
assert run.tool_choice.function.name == "get_weather", run
assert run.status == "requires_action", run

thread_id = thread_with("ramble")
run = finished(thread_id, max_completion_tokens=16)  # `incomplete` is of v2: v1's helpers would wait on for ever
assert run.status == "completed", run
assert run.incomplete_details.reason == "max_completion_tokens", run
message = client.beta.threads.messages.list(thread_id).data[0]
assert message.status == "incomplete", message
assert message.incomplete_details.reason == "max_tokens", message
