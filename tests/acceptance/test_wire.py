"""Every object by plain HTTP, the headers, keys and hosts; `Wire` holds each answer to the document."""

import pytest

from acceptance.runs import HELLO, WEATHER, thread_with, told
from acceptance.server import Server
from acceptance.wire import ASSISTANT, ASSISTANTS, MESSAGE, MESSAGES, RUN, THREAD, THREADS, Wire, expect_error

CURSORS = ["first_id", "last_id", "has_more"]


def test_assistant_has_every_field(wire: Wire) -> None:
    sent = {
        "model": "gpt-4o",
        "name": "A",
        "description": "B",
        "instructions": "C",
        "tools": [WEATHER],
        "metadata": {"k": "v"},
        "temperature": 0,
        "top_p": 1,
        "response_format": {"type": "text"},
        "reasoning_effort": "low",
    }
    wire.post(ASSISTANTS, {"model": "gpt-4o"})
    made = wire.post(ASSISTANTS, sent)
    assert {key: made[key] for key in sent if key != "tools"} == {
        key: value for key, value in sent.items() if key != "tools"
    }
    assert made["tools"][0]["function"]["name"] == "get_weather"
    assert wire.get(ASSISTANT, assistant_id=made["id"]) == made
    listed = wire.get(ASSISTANTS, {"limit": 1})
    assert listed["data"] == [made]
    assert {key: listed[key] for key in CURSORS} == {
        "first_id": made["id"],
        "last_id": made["id"],
        "has_more": True,
    }
    changed = wire.post(ASSISTANT, {"description": None, "metadata": {"k": "w"}}, assistant_id=made["id"])
    assert changed == {**made, "description": None, "metadata": {"k": "w"}}
    gone = wire.delete(ASSISTANT, assistant_id=made["id"])
    assert gone == {"id": made["id"], "object": "assistant.deleted", "deleted": True}
    error = wire.refused(404, "GET", ASSISTANT, assistant_id=made["id"])
    assert error["message"] == f"No assistant found with id '{made['id']}'."


def test_hosted_tools_may_be_declared(wire: Wire) -> None:
    made = wire.post(ASSISTANTS, {"model": "gpt-4o", "tools": [{"type": "code_interpreter"}, {"type": "file_search"}]})
    assert [tool["type"] for tool in made["tools"]] == ["code_interpreter", "file_search"]
    thread_id = thread_with(wire, "say hello")
    assert told(wire, thread_id, made["id"]).text == HELLO


def test_thread_and_messages_have_every_field(wire: Wire) -> None:
    thread = wire.post(THREADS, {"metadata": {"a": "1"}})
    assert wire.get(THREAD, thread_id=thread["id"]) == thread
    changed = wire.post(THREAD, {"metadata": {"a": "2"}}, thread_id=thread["id"])
    assert changed == {**thread, "metadata": {"a": "2"}}
    here = {"thread_id": thread["id"]}
    message = wire.post(MESSAGES, {"role": "user", "content": "hi", "metadata": {"b": "1"}}, **here)
    assert message["status"] == "completed"
    assert wire.get(MESSAGE, **here, message_id=message["id"]) == message
    changed = wire.post(MESSAGE, {"metadata": {"b": "2"}}, **here, message_id=message["id"])
    assert changed == {**message, "metadata": {"b": "2"}}
    assert wire.get(MESSAGES, **here)["data"] == [changed]
    gone = wire.delete(MESSAGE, **here, message_id=message["id"])
    assert gone == {"id": message["id"], "object": "thread.message.deleted", "deleted": True}
    empty = wire.get(MESSAGES, **here)
    assert empty == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}
    gone = wire.delete(THREAD, **here)
    assert gone == {"id": thread["id"], "object": "thread.deleted", "deleted": True}
    assert wire.refused(404, "GET", THREAD, **here)["message"] == f"No thread found with id '{thread['id']}'."


def test_models_are_listed_and_read(wire: Wire) -> None:
    listed = wire.get("/models")["data"]
    assert listed
    for model in listed:
        assert wire.get("/models/{model}", model=model["id"]) == model


def test_message_of_another_thread_is_not_found(wire: Wire) -> None:
    one, other = thread_with(wire, "a"), thread_with(wire, "b")
    message = wire.get(MESSAGES, thread_id=one)["data"][0]
    error = wire.refused(404, "GET", MESSAGE, thread_id=other, message_id=message["id"])
    assert error["message"] == f"No message found with id '{message['id']}'."


def test_run_of_another_thread_is_not_found(wire: Wire, assistant_id: str) -> None:
    run = told(wire, thread_with(wire, "say hello"), assistant_id).run
    error = wire.refused(404, "GET", RUN, thread_id=thread_with(wire, "b"), run_id=run["id"])
    assert error["message"] == f"No run found with id '{run['id']}'."


# Headers, keys and hosts


def test_request_ids_differ(wire: Wire) -> None:
    seen = {wire.call("GET", ASSISTANTS).headers["x-request-id"] for _ in range(5)}
    assert len(seen) == 5


def test_answers_are_json(wire: Wire) -> None:
    assert wire.call("GET", ASSISTANTS).headers["content-type"].startswith("application/json")
    assert wire.call("GET", THREAD, thread_id="thread_none").headers["content-type"].startswith("application/json")


def test_health_needs_no_key(server: Server) -> None:
    assert Wire(server.port, token=None).send("GET", "/healthz").status == 200


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic abc"])
def test_request_without_a_key_is_refused(server: Server, value: str) -> None:
    answer = Wire(server.port, token=None).send("GET", "/v1/assistants", headers={"Authorization": value})
    assert expect_error(answer, 401)["code"] == "invalid_api_key"


def test_header_of_the_generation_may_be_missing(wire: Wire) -> None:
    assert wire.send("GET", "/v1/assistants", headers={"OpenAI-Beta": ""}).status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}"])
def test_foreign_host_is_refused(server: Server, wire: Wire, host: str) -> None:
    """A page in a browser must not reach a server on this machine under a name of its own."""
    answer = wire.send("GET", "/v1/assistants", headers={"Host": host.format(port=server.port)})
    assert 400 <= answer.status < 500, answer
    assert answer.body is None or "data" not in answer.body


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "localhost", "127.0.0.1"])
def test_own_host_is_served(server: Server, wire: Wire, host: str) -> None:
    assert wire.send("GET", "/v1/assistants", headers={"Host": host.format(port=server.port)}).status == 200


def test_pages_of_other_origins_are_given_no_leave(wire: Wire) -> None:
    answer = wire.send("GET", "/v1/assistants", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    answer = wire.send(
        "OPTIONS",
        "/v1/assistants",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert "access-control-allow-origin" not in answer.headers
