"""Assistants v1: what goes wrong, by exception class, and the lengths of its time."""

import openai
from openai import AuthenticationError, BadRequestError, NotFoundError, OpenAI

client = OpenAI(max_retries=0)
beta = client.beta


def refused(kind, call, message, param=None, code=None):
    """Call, expect this class of error, and hold it to the text."""
    try:
        got = call()
    except openai.APIStatusError as error:
        assert type(error) is kind, f"{type(error).__name__}: {error}"
        assert message in str(error), str(error)
        assert error.type == "invalid_request_error", error.type
        if param is not None:
            assert error.param == param, (error.param, error.message)
        if code is not None:
            assert error.code == code, (error.code, error.message)
        assert error.response.headers["x-request-id"], error.response.headers
        return
    raise SystemExit(f"expected {kind.__name__} with {message!r}, got {got!r}")


thread = beta.threads.create(messages=[{"role": "user", "content": "say hello"}])

# What is not there
refused(NotFoundError, lambda: beta.assistants.retrieve("asst_none"), "No assistant found with id 'asst_none'.")
refused(NotFoundError, lambda: beta.assistants.update("asst_none"), "No assistant found with id 'asst_none'.")
refused(NotFoundError, lambda: beta.assistants.delete("asst_none"), "No assistant found with id 'asst_none'.")
refused(NotFoundError, lambda: beta.assistants.files.list("asst_none"), "No assistant found with id 'asst_none'.")
refused(NotFoundError, lambda: beta.threads.retrieve("thread_none"), "No thread found with id 'thread_none'.")
refused(
    NotFoundError,
    lambda: beta.threads.messages.retrieve("msg_none", thread_id=thread.id),
    "No message found with id 'msg_none'.",
)
refused(
    NotFoundError,
    lambda: beta.threads.messages.files.list("msg_none", thread_id=thread.id),
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

# Lengths of v1, which v2 made eight times as long
assistant = beta.assistants.create(model="gpt-4", instructions="i" * 32_768)
assert len(assistant.instructions) == 32_768
long = beta.threads.messages.create(thread.id, role="user", content="c" * 32_768)
assert len(long.content[0].text.value) == 32_768
too_long = "Expected a string with maximum length 32768, but got a string with length 32769 instead."
refused(
    BadRequestError,
    lambda: beta.assistants.create(model="gpt-4", instructions="i" * 32_769),
    too_long,
    param="instructions",
    code="string_above_max_length",
)
refused(
    BadRequestError,
    lambda: beta.assistants.update(assistant.id, instructions="i" * 32_769),
    too_long,
    param="instructions",
)
refused(
    BadRequestError,
    lambda: beta.threads.messages.create(thread.id, role="user", content="c" * 32_769),
    too_long,
    param="content",
    code="string_above_max_length",
)

# What is wrong in what was sent
refused(
    BadRequestError,
    lambda: beta.assistants.create(model="gpt-4", metadata={"modified": True}),
    "Invalid type for 'metadata.modified': expected a string, but got a boolean instead.",
    param="metadata.modified",
    code="invalid_type",
)
refused(
    BadRequestError,
    lambda: beta.threads.create(metadata={f"key {number}": "" for number in range(17)}),
    "Invalid 'metadata': too many properties.",
    param="metadata",
    code="object_above_max_properties",
)
refused(
    BadRequestError,
    lambda: beta.assistants.create(model="gpt-4", tools=[{"type": "function", "function": {}}]),
    "tools[0].function.name",
    param="tools[0].function.name",
)
refused(
    BadRequestError,
    lambda: beta.assistants.create(model="gpt-4", tools=[{"type": "file_search"}]),
    "file_search",
    param="tools[0].type",
)

# No key
keyless = OpenAI(default_headers={"Authorization": ""}, max_retries=0)
try:
    keyless.beta.assistants.list()
    raise SystemExit("a request without a key was answered")
except AuthenticationError as error:
    assert error.code == "invalid_api_key", error
    assert error.status_code == 401, error
