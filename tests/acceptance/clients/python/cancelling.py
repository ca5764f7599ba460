"""Stop a run: while it streams, while it waits for outputs, after its end."""

from openai import BadRequestError, OpenAI

client = OpenAI()
assistant = client.beta.assistants.create(
    model="gpt-4o",
    tools=[{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}],
)

# During a stream: the text so far is kept
thread = client.beta.threads.create(messages=[{"role": "user", "content": "count slowly"}])
names = []
deltas = 0
with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
    for event in stream:
        names.append(event.event)
        if event.event == "thread.message.delta":
            deltas += 1
            if deltas == 5:
                answer = client.beta.threads.runs.cancel(stream.current_run.id, thread_id=thread.id)
                assert answer.status == "cancelling", answer
                assert answer.cancelled_at is None, answer
                assert answer.expires_at == answer.created_at + 600, answer
passing = ("thread.message.delta", "thread.run.cancelling")
assert [name for name in names if name not in passing][-3:] == [
    "thread.message.incomplete",
    "thread.run.step.cancelled",
    "thread.run.cancelled",
], names[-8:]
assert names.count("thread.run.cancelling") == 1, names[-8:]
run = stream.get_final_run()
assert run.status == "cancelled", run
assert run.cancelled_at is not None, run
assert run.expires_at is None, run
(message,) = stream.get_final_messages()
assert message.status == "incomplete", message
assert message.incomplete_details.reason == "run_cancelled", message
assert message.content[0].text.value.startswith("one more word, "), message
kept = client.beta.threads.messages.retrieve(message.id, thread_id=thread.id)
assert kept.content == message.content, kept
(step,) = client.beta.threads.runs.steps.list(run.id, thread_id=thread.id).data
assert step.status == "cancelled", step
assert step.cancelled_at is not None, step

# The thread is free again
client.beta.threads.messages.create(thread.id, role="user", content="say hello")
again = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=50)
assert again.status == "completed", again

# While it waits for outputs
run = client.beta.threads.create_and_run_poll(
    assistant_id=assistant.id,
    thread={"messages": [{"role": "user", "content": "weather in Oslo"}]},
    poll_interval_ms=50,
)
assert run.status == "requires_action", run
answer = client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)
assert answer.status in ("cancelling", "cancelled"), answer
run = client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)
while run.status == "cancelling":
    run = client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)
assert run.status == "cancelled", run
assert run.required_action is None, run
try:
    client.beta.threads.runs.submit_tool_outputs(
        run.id, thread_id=run.thread_id, tool_outputs=[{"tool_call_id": "call_x", "output": ""}]
    )
    raise SystemExit("a cancelled run took outputs")
except BadRequestError as error:
    assert 'Runs in status "cancelled" do not accept tool outputs.' in str(error), error

# After its end
try:
    client.beta.threads.runs.cancel(again.id, thread_id=thread.id)
    raise SystemExit("a completed run could be cancelled")
except BadRequestError as error:
    assert "Cannot cancel run with status 'completed'." in str(error), error
