"""What a thread has cost, as a program reads it that asks before it goes on."""

from openai import OpenAI

client = OpenAI()
assistant = client.beta.assistants.create(model="gpt-4o", name="Accounted for")
thread = client.beta.threads.create(messages=[{"role": "user", "content": "say hello"}])

# Nothing before a model has answered
assert "retinue" not in (thread.model_extra or {}), thread
assert "retinue" not in (client.beta.threads.retrieve(thread.id).model_extra or {}), thread

# The sum of the runs
runs = [
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=50)
    for _ in range(2)
]
assert all(run.status == "completed" for run in runs), runs
spent = client.beta.threads.retrieve(thread.id).model_extra["retinue"]
assert spent["turns"] == 2, spent
assert spent["usage"]["total_tokens"] == sum(run.usage.total_tokens for run in runs) > 0, (spent, runs)
assert spent["cost_usd"] == sum(run.model_extra["retinue"]["cost_usd"] for run in runs) == 0, (spent, runs)
assert (spent["unpriced_turns"], spent["usage_estimated"]) == (0, False), spent

# A thread that is modified tells it too, and its own fields are as ever
modified = client.beta.threads.update(thread.id, metadata={"paid": "yes"})
assert modified.metadata == {"paid": "yes"}, modified
assert modified.model_extra["retinue"] == spent, modified
client.beta.threads.delete(thread.id)
