"""Assistants v1 by header, held to v1's own document, and what each generation sees of what the other made."""

from collections.abc import Callable
from typing import Any

import pytest

from acceptance.runs import HELLO, WEATHER, calls_of, ids, outputs_for
from acceptance.server import Server
from acceptance.wire import (
    ASSISTANT,
    ASSISTANTS,
    CANCEL,
    MESSAGE,
    MESSAGES,
    OUTPUTS,
    RUN,
    RUNS,
    STEP,
    STEPS,
    THREAD,
    THREAD_AND_RUN,
    THREADS,
    Wire,
    expect_error,
)
from contract.validator import check_stream

ASSISTANT_FILES = "/assistants/{assistant_id}/files"
ASSISTANT_FILE = "/assistants/{assistant_id}/files/{file_id}"
MESSAGE_FILES = "/threads/{thread_id}/messages/{message_id}/files"
MESSAGE_FILE = "/threads/{thread_id}/messages/{message_id}/files/{file_id}"

RETRIEVAL, INTERPRETER = {"type": "retrieval"}, {"type": "code_interpreter"}


@pytest.fixture
def v1(server: Server) -> Wire:
    return Wire(server.port, generation="v1")


@pytest.fixture
def files(upload: Callable[[str], str]) -> list[str]:
    """Ids of three files."""
    return [upload(f"{name}.txt") for name in "abc"]


def assistant_with(wire: Wire, *tools: dict[str, Any], **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = wire.post(ASSISTANTS, {"model": "gpt-4", "tools": list(tools), **more})
    return made


def test_files_are_kept_as_given(v1: Wire, files: list[str]) -> None:
    given = [files[2], files[0], files[1]]
    made = assistant_with(v1, RETRIEVAL, INTERPRETER, file_ids=given)
    assert (made["file_ids"], made["tools"]) == (given, [RETRIEVAL, INTERPRETER])
    assert v1.get(ASSISTANT, assistant_id=made["id"])["file_ids"] == given
    renamed = v1.post(ASSISTANT, {"name": "Other"}, assistant_id=made["id"])
    assert (renamed["name"], renamed["file_ids"]) == ("Other", given)
    listed = v1.get(ASSISTANTS, {"limit": 100})["data"]
    assert next(a for a in listed if a["id"] == made["id"])["file_ids"] == given


def test_files_without_a_hosted_tool_are_kept_for_one_that_comes(v1: Wire, wire: Wire, files: list[str]) -> None:
    made = assistant_with(v1, file_ids=files)
    assert made["file_ids"] == files
    assert wire.get(ASSISTANT, assistant_id=made["id"])["tool_resources"] == {}
    assert v1.post(ASSISTANT, {"tools": [INTERPRETER]}, assistant_id=made["id"])["file_ids"] == files
    resources = wire.get(ASSISTANT, assistant_id=made["id"])["tool_resources"]
    assert resources == {"code_interpreter": {"file_ids": files}}


def test_files_are_attached_and_detached_one_by_one(v1: Wire, files: list[str]) -> None:
    made = assistant_with(v1, RETRIEVAL, file_ids=files[:1])
    attached = v1.post(ASSISTANT_FILES, {"file_id": files[1]}, assistant_id=made["id"])
    assert (attached["id"], attached["assistant_id"]) == (files[1], made["id"])
    assert v1.get(ASSISTANT_FILE, assistant_id=made["id"], file_id=files[1]) == attached
    assert v1.post(ASSISTANT_FILES, {"file_id": files[1]}, assistant_id=made["id"]) == attached
    page = v1.get(ASSISTANT_FILES, {"order": "asc"}, assistant_id=made["id"])
    assert [file["id"] for file in page["data"]] == files[:2]
    gone = v1.delete(ASSISTANT_FILE, assistant_id=made["id"], file_id=files[0])
    assert gone == {"id": files[0], "object": "assistant.file.deleted", "deleted": True}
    assert v1.get(ASSISTANT, assistant_id=made["id"])["file_ids"] == files[1:2]
    error = v1.refused(404, "GET", ASSISTANT_FILE, None, assistant_id=made["id"], file_id=files[0])
    assert error["message"] == f"No assistant file found with id '{files[0]}'."


def test_lists_of_files_are_paged(v1: Wire, files: list[str]) -> None:
    made = assistant_with(v1, RETRIEVAL, file_ids=files)
    first = v1.get(ASSISTANT_FILES, {"limit": 2}, assistant_id=made["id"])
    assert ([file["id"] for file in first["data"]], first["has_more"]) == ([files[2], files[1]], True)
    second = v1.get(ASSISTANT_FILES, {"after": first["last_id"]}, assistant_id=made["id"])
    assert ([file["id"] for file in second["data"]], second["has_more"]) == ([files[0]], False)
    before = v1.get(ASSISTANT_FILES, {"before": files[0], "limit": 1}, assistant_id=made["id"])
    assert ([file["id"] for file in before["data"]], before["has_more"]) == ([files[1]], True)
    assert v1.refused(400, "GET", ASSISTANT_FILES, None, {"after": "x"}, assistant_id=made["id"])["param"] == "after"


def test_message_files(v1: Wire, wire: Wire, files: list[str]) -> None:
    thread = v1.post(THREADS, {"messages": [{"role": "user", "content": "Read.", "file_ids": files}]})
    [message] = v1.get(MESSAGES, thread_id=thread["id"])["data"]
    assert message["file_ids"] == files
    place = {"thread_id": thread["id"], "message_id": message["id"]}
    page = v1.get(MESSAGE_FILES, {"order": "asc"}, **place)
    assert [file["id"] for file in page["data"]] == files
    assert v1.get(MESSAGE_FILE, **place, file_id=files[1])["message_id"] == message["id"]
    assert v1.refused(404, "GET", MESSAGE_FILE, None, **place, file_id="file-none")["type"] == "invalid_request_error"
    tools = [{"type": "file_search"}, {"type": "code_interpreter"}]
    shown = wire.get(MESSAGE, **place)["attachments"]
    assert shown == [{"file_id": id_, "tools": tools} for id_ in files]


def test_what_v1_made_v2_shows(v1: Wire, wire: Wire, files: list[str]) -> None:
    made = assistant_with(v1, RETRIEVAL, INTERPRETER, WEATHER, file_ids=files, metadata={"a": "b"})
    seen = wire.get(ASSISTANT, assistant_id=made["id"])
    assert [tool["type"] for tool in seen["tools"]] == ["file_search", "code_interpreter", "function"]
    assert seen["tool_resources"]["code_interpreter"] == {"file_ids": files}
    [store] = seen["tool_resources"]["file_search"]["vector_store_ids"]
    assert store.startswith("vs_")
    assert seen["metadata"] == {"a": "b"}


def test_what_v2_made_v1_shows(v1: Wire, wire: Wire, files: list[str]) -> None:
    resources = {"code_interpreter": {"file_ids": files[:2]}}
    made = wire.post(
        ASSISTANTS,
        {"model": "gpt-4o", "tools": [INTERPRETER, {"type": "file_search"}], "tool_resources": resources},
    )
    seen = v1.get(ASSISTANT, assistant_id=made["id"])
    assert (seen["tools"], seen["file_ids"]) == ([INTERPRETER, RETRIEVAL], files[:2])
    v1.post(ASSISTANT, {"file_ids": files[2:]}, assistant_id=made["id"])
    changed = wire.get(ASSISTANT, assistant_id=made["id"])["tool_resources"]
    assert changed["code_interpreter"] == {"file_ids": files[2:]}
    wire.post(ASSISTANT, {"tool_resources": resources}, assistant_id=made["id"])
    assert v1.get(ASSISTANT, assistant_id=made["id"])["file_ids"] == files[:2]


def test_a_v2_message_is_shown_to_v1(v1: Wire, wire: Wire, files: list[str]) -> None:
    content = [
        {"type": "text", "text": "Look."},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
    ]
    attachments = [{"file_id": files[0], "tools": [{"type": "file_search"}]}]
    thread = wire.post(THREADS, {"messages": [{"role": "user", "content": content, "attachments": attachments}]})
    [message] = v1.get(MESSAGES, thread_id=thread["id"])["data"]
    assert [part["text"]["value"] for part in message["content"]] == ["Look.", "https://example.com/a.png"]
    assert message["file_ids"] == files[:1]
    assert "attachments" not in message


def test_a_streamed_run(v1: Wire) -> None:
    assistant = assistant_with(v1)
    with v1.stream(
        THREAD_AND_RUN,
        {"assistant_id": assistant["id"], "thread": {"messages": [{"role": "user", "content": "say hello"}]}},
    ) as stream:
        story = check_stream(stream.rest(), begins="thread", generation="v1")
    assert story.text == HELLO
    assert story.run["file_ids"] == []
    assert {"tool_resources", "reasoning_effort"}.isdisjoint(story.run)
    steps = v1.get(STEPS, **ids(story.run))["data"]
    assert v1.get(STEP, **ids(story.run), step_id=steps[0]["id"]) == steps[0]
    assert v1.get(RUNS, thread_id=story.run["thread_id"])["data"] == [v1.get(RUN, **ids(story.run))]


def test_a_token_limit_ends_a_run_as_completed(v1: Wire, wire: Wire) -> None:
    assistant = assistant_with(v1)
    thread = {"messages": [{"role": "user", "content": "ramble"}]}
    asked = {"assistant_id": assistant["id"], "thread": thread, "max_completion_tokens": 256}
    with v1.stream(THREAD_AND_RUN, asked) as stream:
        events = stream.rest()
    assert [event.name for event in events][-2:] == ["thread.run.completed", "done"]
    ended = v1.get(RUN, **ids(events[-2].data))
    assert (ended["status"], ended["incomplete_details"]) == ("completed", {"reason": "max_completion_tokens"})
    assert wire.get(RUN, **ids(ended))["status"] == "incomplete"


def test_a_run_with_functions(v1: Wire, files: list[str]) -> None:
    assistant = assistant_with(v1, WEATHER, RETRIEVAL, file_ids=files)
    thread = v1.post(THREADS, {"messages": [{"role": "user", "content": "weather in Paris and Rome"}]})
    with v1.stream(RUNS, {"assistant_id": assistant["id"]}, thread_id=thread["id"]) as stream:
        first = stream.rest()
    run = check_stream(first, generation="v1").run
    assert (run["file_ids"], len(calls_of(run))) == (files, 2)
    assert "strict" not in run["tools"][0]["function"]
    with v1.stream(OUTPUTS, {"tool_outputs": outputs_for(run)}, **ids(run)) as stream:
        told = check_stream(first, stream.rest(), generation="v1")
    assert told.run["status"] == "completed"
    assert v1.refused(400, "POST", CANCEL, **ids(run))["message"] == "Cannot cancel run with status 'completed'."


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"instructions": "x" * 32_769}, "instructions"),
        ({"file_ids": [f"file-{n}" for n in range(21)]}, "file_ids"),
        ({"tools": [{"type": "file_search"}]}, "tools[0].type"),
        ({"tool_resources": {}}, "tool_resources"),
    ],
)
def test_v1_has_limits_of_its_own(v1: Wire, body: dict[str, Any], param: str) -> None:
    assert v1.refused(400, "POST", ASSISTANTS, {"model": "gpt-4", **body})["param"] == param


def test_a_tool_that_is_declared_twice_is_refused_by_v1s_name(v1: Wire) -> None:
    error = v1.refused(400, "POST", ASSISTANTS, {"model": "gpt-4", "tools": [RETRIEVAL, WEATHER, RETRIEVAL]})
    assert (error["param"], error["message"]) == (
        "tools[2]",
        "Invalid 'tools[2]': retrieval is declared already, as 'tools[0]'. Declare it once.",
    )


def test_v1_messages_have_limits_of_their_own(v1: Wire) -> None:
    thread = v1.post(THREADS)["id"]
    v1.post(MESSAGES, {"role": "user", "content": "x" * 32_768}, thread_id=thread)
    long = {"role": "user", "content": "x" * 32_769}
    assert v1.refused(400, "POST", MESSAGES, long, thread_id=thread)["code"] == "string_above_max_length"
    many = {"role": "user", "content": "x", "file_ids": [f"file-{n}" for n in range(11)]}
    assert v1.refused(400, "POST", MESSAGES, many, thread_id=thread)["param"] == "file_ids"


def test_an_assistant_has_twenty_files(v1: Wire, upload: Callable[[str], str]) -> None:
    made = assistant_with(v1, RETRIEVAL, file_ids=[upload(f"{n}.txt") for n in range(20)])
    error = v1.refused(400, "POST", ASSISTANT_FILES, {"file_id": upload("one.txt")}, assistant_id=made["id"])
    assert error["message"] == "An assistant has at most 20 files. Detach one first."


def test_v2_refuses_what_is_v1s(wire: Wire) -> None:
    assert wire.refused(400, "POST", ASSISTANTS, {"model": "m", "file_ids": []})["param"] == "file_ids"
    assert wire.refused(400, "POST", ASSISTANTS, {"model": "m", "tools": [RETRIEVAL]})["param"] == "tools[0].type"


def test_a_generation_that_never_was_is_refused(wire: Wire) -> None:
    answer = wire.send("GET", "/v1/assistants", None, {"OpenAI-Beta": "assistants=v3"})
    assert expect_error(answer, 400)["code"] == "invalid_beta"


@pytest.mark.parametrize(
    ("path", "headers", "generation"),
    [
        ("/openai/assistants?api-version=2024-05-01-preview", {}, "v2"),
        ("/openai/assistants?api-version=2024-02-15-preview", {}, "v1"),
        ("/openai/assistants?api-version=2024-02-15-preview", {"OpenAI-Beta": "assistants=v2"}, "v2"),
        ("/openai/v1/assistants", {"OpenAI-Beta": "assistants=v1"}, "v1"),
        ("/v1/assistants", {}, "v2"),
    ],
)
def test_azures_form_reaches_the_same_routes(wire: Wire, path: str, headers: dict[str, str], generation: str) -> None:
    azure = {"Authorization": "", "OpenAI-Beta": "", "api-key": "any", **headers}
    answer = wire.send("POST", path, b'{"model": "gpt-4"}', azure)
    assert answer.status == 200, answer.raw
    assert ("file_ids" in answer.body) == (generation == "v1")
    assert wire.get(ASSISTANT, assistant_id=answer.body["id"])["model"] == "gpt-4"
    assert wire.get(THREAD, thread_id=wire.post(THREADS)["id"])["object"] == "thread"
