"""What the terminal needs of the API: notices for those who ask for them, threads that are rewound, its assistant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from api.serving import error_of, posted, relaying
from retinue.testing import Fails, FakeProvider, says

Client = aiohttp.ClientSession


@asynccontextmanager
async def terminal(folder: Path, *script: Any, default: Any = None) -> AsyncIterator[Client]:
    async with (
        FakeProvider(*script, default=default) as provider,
        relaying(folder, provider.base_url, patience_s=0.05) as client,
    ):
        yield client


async def told(client: Client, body: dict[str, Any], **headers: str) -> str:
    """The stream of a run over a new thread."""
    async with client.post("/v1/threads/runs", json={**body, "stream": True}, headers=headers) as response:
        return await response.text()


async def made(client: Client, path: str, body: Any = None) -> Any:
    response, raw = await posted(client, path, body or {})
    assert response.status == 200, raw
    return msgspec.json.decode(raw)


ASKING = {
    "assistant_id": "asst_terminal",
    "model": "fake-model",
    "thread": {"messages": [{"role": "user", "content": "Hi"}]},
}


@pytest.mark.parametrize(
    ("asked", "notices"), [({"Retinue-Notices": "true"}, 1), ({}, 0), ({"Retinue-Notices": "1"}, 0)]
)
async def test_waits_are_told_to_those_who_ask_for_notices(tmp_path: Path, asked: dict[str, str], notices: int) -> None:
    async with terminal(tmp_path, Fails(500, "Not now."), says("Hi.")) as client:
        await made(client, "/v1/retinue/terminal")
        stream = await told(client, ASKING, **asked)
    assert stream.count("event: retinue.waiting\n") == notices
    assert stream.count("Not now.") == notices
    assert stream.endswith("event: done\ndata: [DONE]\n\n")
    told_names = [line for line in stream.splitlines() if line.startswith("event: ")]
    assert [name for name in told_names if "waiting" not in name][:3] == [
        "event: thread.created",
        "event: thread.run.created",
        "event: thread.run.queued",
    ]


async def test_waits_are_in_no_replay(tmp_path: Path) -> None:
    async with terminal(tmp_path, Fails(500, "Not now."), says("Hi.")) as client:
        await made(client, "/v1/retinue/terminal")
        stream = await told(client, ASKING)
        run = stream.partition('"object":"thread.run"')[0].rpartition('"id":"')[2].partition('"')[0]
        async with client.get(f"/v1/retinue/runs/{run}/events", headers={"Retinue-Notices": "true"}) as response:
            replayed = await response.text()
    assert "retinue.waiting" not in replayed
    assert "thread.run.completed" in replayed


async def test_a_thread_goes_on_after_a_message_or_before_it(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": text} for text in ("a", "b", "c")]
    async with terminal(tmp_path) as client:
        thread = await made(client, "/v1/threads", {"messages": messages, "metadata": {"k": "v"}})
        listed = await _messages(client, thread["id"])
        rewound = await made(client, f"/v1/retinue/threads/{thread['id']}/rewind", {"after": listed[1]["id"]})
        assert rewound == thread
        assert await _messages(client, thread["id"]) == listed[:2]
        await made(client, f"/v1/retinue/threads/{thread['id']}/rewind", {"before": listed[0]["id"]})
        assert await _messages(client, thread["id"]) == []


@pytest.mark.parametrize("body", [{}, {"after": "a", "before": "b"}, {"after": None}])
async def test_one_message_has_to_be_named(tmp_path: Path, body: Any) -> None:
    async with terminal(tmp_path) as client:
        thread = await made(client, "/v1/threads")
        status, error = await error_of(client, f"/v1/retinue/threads/{thread['id']}/rewind", body)
    assert (status, error["message"]) == (400, "Name one message, in 'after' or in 'before'.")


async def test_a_message_that_is_not_in_the_thread_is_not_found(tmp_path: Path) -> None:
    async with terminal(tmp_path) as client:
        thread = await made(client, "/v1/threads")
        for path, body in (
            (thread["id"], {"after": "msg_none"}),
            ("thread_none", {"after": "msg_none"}),
        ):
            status, _ = await error_of(client, f"/v1/retinue/threads/{path}/rewind", body)
            assert status == 404


async def test_the_terminals_assistant_is_the_same_each_time(tmp_path: Path) -> None:
    async with terminal(tmp_path) as client:
        first = await made(client, "/v1/retinue/terminal")
        await made(client, "/v1/assistants/asst_terminal", {"instructions": "Be brief."})
        again = await made(client, "/v1/retinue/terminal")
    assert first["id"] == again["id"] == "asst_terminal"
    assert first["metadata"] == {"retinue": "terminal"}
    assert again["instructions"] == "Be brief."


async def _messages(client: Client, thread: str) -> list[Any]:
    async with client.get(f"/v1/threads/{thread}/messages?order=asc") as response:
        return list((await response.json())["data"])
