"""What goes wrong, by exception class, with the texts that programs match."""

import openai
from openai import AuthenticationError, BadRequestError, NotFoundError, OpenAI

client = OpenAI(max_retries=0)


def refused(kind, call, message, param=None, code=None):
    """Call, expect this class of error, and hold it to the text."""
    try:
        got = call()
    except openai.APIStatusError as error:
        assert type(error) is kind, f"{type(error).__name__}: {error}"
        assert message in error.message, error.message
        assert message in str(error), str(error)
        assert error.type == "invalid_request_error", error.type
        if param is not None:
            assert error.param == param, (error.param, error.message)
        if code is not None:
            assert error.code == code, (error.code, error.message)
        assert error.request_id, error.response.headers
        return error
    raise SystemExit(f"expected {kind.__name__} with {message!r}, got {got!r}")


beta = client.beta
assistant = beta.assistants.create(
    model="gpt-4o",
    tools=[{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}],
)
thread = beta.threads.create(messages=[{"role": "user", "content": "weather in Paris and Rome"}])

# What is not there
refused(NotFoundError, lambda: beta.assistants.retrieve("asst_none"), "No assistant found with id 'asst_none'.")
refused(NotFoundError, lambda: beta.assistants.update("asst_none"), "No assistant found with id 'asst_none'.")
refused(NotFoundError, lambda: beta.assistants.delete("asst_none"), "No assistant found with id 'asst_none'.")
refused(NotFoundError, lambda: beta.threads.retrieve("thread_none"), "No thread found with id 'thread_none'.")
refused(NotFoundError, lambda: beta.threads.delete("thread_none"), "No thread found with id 'thread_none'.")
refused(
    NotFoundError,
    lambda: beta.threads.messages.create("thread_none", role="user", content="x"),
    "No thread found with id 'thread_none'.",
)
refused(
    NotFoundError,
    lambda: beta.threads.messages.retrieve("msg_none", thread_id=thread.id),
    "No message found with id 'msg_none'.",
)
refused(
    NotFoundError,
    lambda: beta.threads.runs.retrieve("run_none", thread_id=thread.id),
    "No run found with id 'run_none'.",
)
refused(
    NotFoundError,
    lambda: beta.threads.runs.create(thread.id, assistant_id="asst_none"),
    "No assistant found with id 'asst_none'.",
)
refused(
    BadRequestError,
    lambda: beta.threads.retrieve("1234"),
    "Invalid 'thread_id': '1234'. Expected an ID that begins with 'thread'.",
    param="thread_id",
    code="invalid_value",
)

# What is wrong in what was sent
refused(
    BadRequestError,
    lambda: beta.assistants.create(model="gpt-4o", metadata={"modified": True}),
    "Invalid type for 'metadata.modified': expected a string, but got a boolean instead.",
    param="metadata.modified",
    code="invalid_type",
)
refused(
    BadRequestError,
    lambda: beta.threads.create(metadata={f"key {number}": "" for number in range(17)}),
    "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object "
    "with 17 properties instead.",
    param="metadata",
    code="object_above_max_properties",
)
refused(
    BadRequestError,
    lambda: beta.threads.messages.create(thread.id, role="user", content="x" * 256_001),
    "Invalid 'content': string too long. Expected a string with maximum length 256000, but got a string with "
    "length 256001 instead.",
    param="content",
    code="string_above_max_length",
)
refused(
    BadRequestError,
    lambda: beta.assistants.create(model="gpt-4o", name="n" * 257),
    "Invalid 'name': string too long.",
    param="name",
)
refused(
    BadRequestError,
    lambda: beta.assistants.create(model="gpt-4o", tools=[{"type": "function", "function": {}}]),
    "tools[0].function.name",
    param="tools[0].function.name",
)
refused(
    BadRequestError,
    lambda: beta.assistants.create(model="gpt-4o", temperature=2.5),
    "'temperature'",
    param="temperature",
)
refused(
    BadRequestError,
    lambda: beta.threads.messages.create(thread.id, role="system", content="x"),
    "'system'",
    param="role",
)
beta.threads.update(beta.threads.create().id, metadata={"k" * 64: "v" * 512})
refused(BadRequestError, lambda: beta.threads.create(metadata={"k" * 65: "v"}), "metadata")
refused(BadRequestError, lambda: beta.threads.create(metadata={"k": "v" * 513}), "metadata", param="metadata.k")

# A run needs something to answer
refused(
    BadRequestError,
    lambda: beta.threads.runs.create(beta.threads.create().id, assistant_id=assistant.id),
    "Run creation requires a Thread with a user message or an assistant with instructions.",
    code="invalid_thread",
)

# A live run locks its thread
run = beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=50)
assert run.status == "requires_action", run
refused(
    BadRequestError,
    lambda: beta.threads.runs.create(thread.id, assistant_id=assistant.id),
    f"Thread {thread.id} already has an active run {run.id}.",
)
refused(
    BadRequestError,
    lambda: beta.threads.messages.create(thread.id, role="user", content="and London?"),
    f"Can't add messages to {thread.id} while a run {run.id} is active.",
)
first, second = run.required_action.submit_tool_outputs.tool_calls
refused(
    BadRequestError,
    lambda: beta.threads.runs.submit_tool_outputs(
        run.id, thread_id=thread.id, tool_outputs=[{"tool_call_id": first.id, "output": "x"}]
    ),
    f"Expected tool outputs for call_ids ['{first.id}', '{second.id}'], got ['{first.id}']",
)
refused(
    BadRequestError,
    lambda: beta.threads.runs.submit_tool_outputs(run.id, thread_id=thread.id, tool_outputs=[]),
    f"Expected tool outputs for call_ids ['{first.id}', '{second.id}'], got []",
)
run = beta.threads.runs.submit_tool_outputs_and_poll(
    run_id=run.id,
    thread_id=thread.id,
    tool_outputs=[{"tool_call_id": call.id, "output": "x"} for call in (first, second)],
    poll_interval_ms=50,
)
assert run.status == "completed", run
refused(
    BadRequestError,
    lambda: beta.threads.runs.submit_tool_outputs(
        run.id, thread_id=thread.id, tool_outputs=[{"tool_call_id": first.id, "output": "x"}]
    ),
    'Runs in status "completed" do not accept tool outputs.',
)
refused(
    NotFoundError,
    lambda: beta.threads.runs.steps.retrieve("step_none", run_id=run.id, thread_id=thread.id),
    "No run step found with id 'step_none'.",
)

# The same while streaming: an error before the first event is an exception, not an event
refused(
    NotFoundError,
    lambda: beta.threads.runs.create(thread.id, assistant_id="asst_none", stream=True),
    "No assistant found with id 'asst_none'.",
)

# No key
keyless = OpenAI(default_headers={"Authorization": ""}, max_retries=0)
try:
    keyless.beta.assistants.list()
    raise SystemExit("a request without a key was answered")
except AuthenticationError as error:
    assert error.code == "invalid_api_key", error
    assert error.status_code == 401, error
