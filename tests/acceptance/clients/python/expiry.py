"""Runs that outlive their time: while they wait for outputs, and while the model still talks."""

from openai import BadRequestError, OpenAI

client = OpenAI()
assistant = client.beta.assistants.create(
    model="gpt-4o",
    tools=[{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}],
)

run = client.beta.threads.create_and_run_poll(
    assistant_id=assistant.id,
    thread={"messages": [{"role": "user", "content": "weather in Oslo"}]},
    poll_interval_ms=50,
)
calls = run.required_action.submit_tool_outputs.tool_calls if run.required_action else []
while run.status != "expired":
    assert run.status == "requires_action", run
    run = client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)
assert run.expires_at is None, run
assert run.required_action is None, run
(step,) = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data
assert step.status == "expired", step
assert step.expired_at is not None, step
try:
    client.beta.threads.runs.submit_tool_outputs(
        run.id,
        thread_id=run.thread_id,
        tool_outputs=[{"tool_call_id": call.id, "output": "late"} for call in calls],
    )
    raise SystemExit("an expired run took outputs")
except BadRequestError as error:
    assert 'Runs in status "expired" do not accept tool outputs.' in str(error), error
client.beta.threads.messages.create(run.thread_id, role="user", content="the thread is free again")

thread = client.beta.threads.create(messages=[{"role": "user", "content": "count slowly"}])
names = []
with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
    for event in stream:
        names.append(event.event)
assert [name for name in names if name != "thread.message.delta"][-3:] == [
    "thread.message.incomplete",
    "thread.run.step.expired",
    "thread.run.expired",
], names[-5:]
run = stream.get_final_run()
assert run.status == "expired", run
(message,) = stream.get_final_messages()
assert message.incomplete_details.reason == "run_expired", message
