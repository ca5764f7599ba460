"""Moving in and out: dumps of the official client in, the same ids and order afterwards; exports that import again."""

import json
import shlex
import sqlite3
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI

from acceptance import transfer
from acceptance.crashing import expect_sound
from acceptance.runs import HELLO, WEATHER, told
from acceptance.server import SCRIPT, Server
from acceptance.server import command as own_command
from acceptance.transfer import Dumped, dump_of, lines, outcome, retinue
from acceptance.wire import Wire
from bench.imports import dumped as made_up
from bench.imports import write_dump

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

POLL_S = 0.01
OLD_S = 1_700_000_000
OLD: dict[str, Any] = {"model": "gpt-4", "created_at": OLD_S, "metadata": {}}
CITATION = {"type": "file_citation", "file_citation": {"file_id": "file-a", "quote": "so it is"}}
PATIENCE_S = 60


@pytest.fixture
def client(server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=server.base_url, api_key="any") as made:
        yield made


@pytest.fixture
def dumped(client: OpenAI) -> list[Dumped]:
    """A conversation of several turns, with a run that called functions, and one that waits for its client."""
    weather: Any = WEATHER
    beta = client.beta
    assistant = beta.assistants.create(model="gpt-4o", name="Née", instructions="Be kind. 🎓", tools=[weather])
    thread = beta.threads.create(
        messages=[{"role": "user", "content": "one"}, {"role": "user", "content": "two", "metadata": {"n": "2"}}],
        metadata={"user_id": "ann"},
    )
    for said in ("say hello", "weather in Oslo", "say hello"):
        beta.threads.messages.create(thread.id, role="user", content=said)
        run = beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=20)
        if run.status == "requires_action" and run.required_action:
            calls = run.required_action.submit_tool_outputs.tool_calls
            outputs: Any = [{"tool_call_id": call.id, "output": "dry"} for call in calls]
            beta.threads.runs.submit_tool_outputs_and_poll(
                run_id=run.id, thread_id=thread.id, tool_outputs=outputs, poll_interval_ms=20
            )
    waiting = beta.threads.create(messages=[{"role": "user", "content": "weather in Oslo"}])
    beta.threads.runs.create_and_poll(thread_id=waiting.id, assistant_id=assistant.id, poll_interval_ms=20)
    return dump_of(client, [assistant.id], [thread.id, waiting.id])


@pytest.mark.parametrize("way", transfer.WRITTEN)
def test_a_dump_of_the_official_client_works_on_another_server(dumped: list[Dumped], way: str, tmp_path: Path) -> None:
    dump, data = tmp_path / "dump.json", tmp_path / "data"
    dump.write_text(transfer.WRITTEN[way](dumped), "utf-8")
    code, said = outcome("import", str(dump), "--data", str(data))
    assert code == 0, said
    assistant, thread = dumped[0].id, dumped[1].id
    with Server(data, script=SCRIPT) as other, OpenAI(base_url=other.base_url, api_key="any") as client:
        again = dump_of(client, [assistant], [thread, dumped[-3].id])
        assert list(map(ended, again)) == list(map(ended, dumped))
        beta = client.beta
        beta.threads.messages.create(thread, role="user", content="say hello")
        run = beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant, poll_interval_ms=20)
        assert run.status == "completed"
        newest = beta.threads.messages.list(thread, limit=2).data
        assert [m.content[0].text.value for m in newest if m.content[0].type == "text"] == [HELLO, "say hello"]
        assert beta.threads.runs.steps.list(dumped[-1].id, thread_id=dumped[-3].id).data == []
        assert other.stop() == 0


def ended(value: Dumped) -> dict[str, Any]:
    """The object as an import has it: a run that waits for its client waits no more, a thread has cost nothing here."""
    shown = value.model_dump()
    if shown["object"] == "thread":
        shown.pop("retinue", None)
    if shown["object"] == "thread.run" and shown["status"] == "requires_action":
        shown |= {"status": "expired", "required_action": None, "expires_at": None}
    return shown


def test_the_events_of_an_imported_run_are_told(dumped: list[Dumped], tmp_path: Path) -> None:
    dump, data = tmp_path / "dump.json", tmp_path / "data"
    dump.write_text(transfer.WRITTEN["JSON lines"](dumped), "utf-8")
    assert outcome("import", str(dump), "--data", str(data))[0] == 0
    with Server(data, script=SCRIPT) as other:
        runs = [value.id for value in dumped if value.object == "thread.run"]
        told = []
        for run in runs:
            with Wire(other.port).events(run) as stream:
                told.append([event.name for event in stream.rest()])
    assert told[0][-2:] == ["thread.run.completed", "done"]
    assert told[-1][-2:] == ["thread.run.expired", "done"]


def test_what_is_exported_imports_to_the_same(dumped: list[Dumped], server: Server, tmp_path: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    code, said = outcome("export", str(first), "--data", str(server.data))
    assert code == 0, said
    assert outcome("import", str(first), "--data", str(tmp_path / "data"))[0] == 0
    assert outcome("export", str(second), "--data", str(tmp_path / "data"))[0] == 0
    assert [over(value) for value in lines(second)] == [over(value) for value in lines(first)]
    ids = {value["id"] for value in lines(first)}
    assert {value.id for value in dumped} <= ids


def test_a_v1_dump_is_the_same_to_v1_clients_after_an_export_too(tmp_path: Path) -> None:
    cited = {
        "value": "Yes【4†source】.",
        "annotations": [{**CITATION, "text": "【4†source】", "start_index": 3, "end_index": 12}],
    }
    records = [
        {
            **OLD,
            "object": "assistant",
            "id": "asst_old",
            "tools": [{"type": "retrieval"}],
            "file_ids": ["file-b", "file-a"],
        },
        {**OLD, "object": "thread.message", "id": "msg_old", "thread_id": "thread_old", "role": "assistant"},
    ]
    records[1] |= {"content": [{"type": "text", "text": cited}], "file_ids": ["file-c"]}
    source = tmp_path / "dump.jsonl"
    source.write_text("\n".join(map(json.dumps, records)), "utf-8")
    seen = []
    for name in ("first", "second"):
        data = tmp_path / name
        assert outcome("import", str(source), "--data", str(data))[0] == 0
        with Server(data, script=SCRIPT) as server:
            v1 = Wire(server.port, generation="v1")
            assistant = v1.get("/assistants/{assistant_id}", assistant_id="asst_old")
            [message] = v1.get("/threads/{thread_id}/messages", thread_id="thread_old")["data"]
            resources = Wire(server.port).get("/assistants/{assistant_id}", assistant_id="asst_old")["tool_resources"]
            seen.append((assistant, message, resources))
        source = tmp_path / f"{name}.jsonl"
        assert outcome("export", str(source), "--data", str(data))[0] == 0
    assert seen[0] == seen[1]
    assert (seen[0][0]["file_ids"], seen[0][1]["file_ids"]) == (["file-b", "file-a"], ["file-c"])
    assert seen[0][1]["content"] == [{"type": "text", "text": cited}]


def over(value: dict[str, Any]) -> dict[str, Any]:
    """An exported object as an import has it: nothing that was under way goes on."""
    if value["object"] == "thread.run" and value["status"] in (
        "queued",
        "in_progress",
        "requires_action",
        "cancelling",
    ):
        return {**value, "status": "expired", "required_action": None, "expires_at": None}
    if value["object"] == "thread.message" and value["status"] == "in_progress":
        return {**value, "status": "incomplete", "incomplete_details": {"reason": "run_expired"}}
    return value


def test_a_server_that_serves_the_folder_shows_what_is_imported_meanwhile(client: OpenAI, server: Server) -> None:
    with retinue("import", "-", "--data", str(server.data), stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for place, value in enumerate(made_up([100] * 10, None)):
            process.stdin.write(json.dumps(value) + "\n")
            if place % 100 == 0:  # the server goes on meanwhile
                client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
        said, _ = process.communicate(timeout=transfer.TIMEOUT_S)
    assert process.returncode == 0, said
    thread = f"thread_{9:024}"
    listed = list(client.beta.threads.messages.list(thread, order="asc", limit=100))
    assert [m.id[-6:] for m in listed] == [f"{place:06}" for place in range(100)]
    assert client.beta.assistants.delete("asst_" + "0" * 24).deleted
    assert all(client.beta.threads.delete(f"thread_{n:024}").deleted for n in range(10))


def test_an_import_that_is_killed_is_whole_after_another(tmp_path: Path) -> None:
    dump, data = tmp_path / "dump.jsonl", tmp_path / "data"
    write_dump(dump, [500] * 20)
    with retinue("import", "-", "--data", str(data), stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        text = dump.read_text("utf-8")
        process.stdin.write(text[: len(text) // 2])
        process.stdin.flush()
        _wait_for_messages(data)
        process.kill()
        process.communicate()
    expect_sound(data)
    before = counted(data)["items"]
    assert 0 < before < 10_000
    for there in (before, 10_000):
        code, said = outcome("import", str(dump), "--data", str(data))
        assert code == 0, said
        assert f"messages{10_000 - there:>16,}{there:>15,}" in said
        assert counted(data) == {"assistants": 1, "threads": 20, "branches": 20, "items": 10_000, "runs": 1_000}
    expect_sound(data)
    exported = tmp_path / "out.jsonl"
    assert outcome("export", str(exported), "--data", str(data))[0] == 0
    messages = [value for value in lines(exported) if value["object"] == "thread.message"]
    assert [m["id"][-6:] for m in messages] == [f"{place:06}" for place in range(500)] * 20
    text_of = {value["id"]: value["content"] for value in lines(dump) if value["object"] == "thread.message"}
    assert all(m["content"][0]["text"]["value"] == text_of[m["id"]][0]["text"]["value"] for m in messages)


def _wait_for_messages(data: Path) -> None:
    """Another process tells nothing to wait on, so this asks again and again."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / POLL_S)):
        if counted(data)["items"]:
            return
        pause.wait(POLL_S)
    raise AssertionError("the import stored nothing")


def counted(data: Path) -> Counter[str]:
    database = data / "retinue.db"
    if not database.exists():
        return Counter()
    with closing(sqlite3.connect(database)) as connection:
        try:
            return Counter(
                {
                    table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                    for table in ("assistants", "threads", "branches", "items", "runs")
                }
            )
        except sqlite3.OperationalError:  # not made yet
            return Counter()


def test_bad_records_are_listed_and_the_good_ones_taken(tmp_path: Path) -> None:
    dump, errors = tmp_path / "dump.json", tmp_path / "errors.txt"
    thread = {"id": "my thread/1", "object": "thread", "created_at": 5}
    message = {"id": "m1", "object": "thread.message", "created_at": 5, "thread_id": "my thread/1", "role": "user"}
    said: dict[str, Any] = {"content": [{"type": "text", "text": {"value": "Hi", "annotations": []}}]}
    bad = [{**message, **said, "id": f"bad\x1b[{n}m", "role": "system"} for n in range(30)]
    step = {"id": "step_1", "object": "thread.run.step"}
    records = [thread, {**message, **said}, *bad, step, step]
    dump.write_text("\n".join([*map(json.dumps, records), '{"id": "cut']), "utf-8")
    code, told = outcome("import", str(dump), "--data", str(tmp_path / "data"), "--errors", str(errors))
    assert code == 1
    assert f"{dump}:3: message 'bad\\x1b[0m': 'role': Invalid value: 'system'" in told
    assert "... and 11 more" in told
    assert "not imported: 2 run steps (imported runs show no steps)" in told
    assert len(errors.read_text("utf-8").splitlines()) == 31
    assert f"{dump}:35: this can't be read" in errors.read_text("utf-8")
    assert counted(tmp_path / "data")["items"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "{}/missing.json"], "missing.json can't be read"),
        (["import", "{}"], "can't be read"),
        (["import", "{}/junk", "--project", ""], "is no name for a project"),
        (["export", "{}/out.jsonl"], "There is nothing to export"),
    ],
)
def test_what_can_not_be_done_is_one_sentence(arguments: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "junk").write_text("junk")
    code, told = outcome(*(a.format(tmp_path) for a in arguments), "--data", str(tmp_path / "data"))
    assert code == 2
    assert said in told
    assert "Traceback" not in told
    assert not (tmp_path / "data").exists()


def test_a_file_that_holds_nothing_good_is_told(tmp_path: Path) -> None:
    (tmp_path / "junk").write_text("junk")
    code, told = outcome("import", str(tmp_path / "junk"), "--data", str(tmp_path / "data"))
    assert code == 2
    assert "junk:1: this is no object: 'junk'" in told


def test_a_disk_that_is_full_amid_an_import_keeps_what_was_taken(tmp_path: Path) -> None:
    dump, data = tmp_path / "dump.jsonl", tmp_path / "data"
    write_dump(dump, [100] * 100)
    limited = f"ulimit -f 4096; exec {shlex.join(own_command())} import {dump} --data {data}"  # files of 4 MB at most
    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, timeout=transfer.TIMEOUT_S)
    assert done.returncode == 2, done
    assert "The import broke off" in done.stderr
    assert "What was taken until then stays; import the same again" in done.stderr
    assert "othing of this request" not in done.stderr
    there = counted(data)["items"]
    assert f"messages{there:>16,}{0:>15,}" in done.stdout
    assert 0 < there < 10_000
    code, said = outcome("import", str(dump), "--data", str(data))
    assert code == 0, said
    assert f"messages{10_000 - there:>16,}{there:>15,}" in said
    expect_sound(data)


def test_an_export_overwrites_nothing(server: Server, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("precious")
    code, told = outcome("export", str(tmp_path / "out"), "--data", str(server.data))
    assert code == 2
    assert "exists already" in told
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_text() == "precious"


@pytest.mark.parametrize("id_", ["asst_a/b", "../../etc", "a b?#%", "ü\n", "x/"])
def test_ids_are_kept_whatever_they_look_like(id_: str, tmp_path: Path) -> None:
    dump = tmp_path / "dump.json"
    dump.write_text(json.dumps([{**OLD, "object": "assistant", "id": id_}, {**OLD, "object": "thread", "id": id_}]))
    assert outcome("import", str(dump), "--data", str(tmp_path / "data"))[0] == 0
    with Server(tmp_path / "data", script=SCRIPT) as server:
        wire = Wire(server.port)
        assert wire.post("/assistants/{assistant_id}", {"name": "new"}, assistant_id=id_)["id"] == id_
        wire.post("/threads/{thread_id}/messages", {"role": "user", "content": "say hello"}, thread_id=id_)
        assert told(wire, id_, id_).text == HELLO
        assert wire.delete("/threads/{thread_id}", thread_id=id_)["deleted"]
        assert wire.delete("/assistants/{assistant_id}", assistant_id=id_)["deleted"]


def test_what_is_said_between_two_imports_stands_where_it_was_said(tmp_path: Path) -> None:
    said = [
        {**OLD, "object": "thread.message", "id": f"msg_{n}", "thread_id": "t", "role": "user", "created_at": OLD_S + n}
        | {"content": [{"type": "text", "text": {"value": str(n), "annotations": []}}]}
        for n in range(6)
    ]
    data = str(tmp_path / "data")
    for name, part in (("first", said[:3]), ("all", said)):
        (tmp_path / name).write_text("\n".join(map(json.dumps, part)))
    assert outcome("import", str(tmp_path / "first"), "--data", data)[0] == 0
    with Server(tmp_path / "data", script=SCRIPT) as server:
        wire = Wire(server.port)
        wire.post("/threads/{thread_id}/messages", {"role": "user", "content": "now"}, thread_id="t")
        assert outcome("import", str(tmp_path / "all"), "--data", data)[0] == 0
        wire.post("/threads/{thread_id}/messages", {"role": "user", "content": "later"}, thread_id="t")
        listed = wire.get("/threads/{thread_id}/messages", {"order": "asc"}, thread_id="t")["data"]
        texts = [message["content"][0]["text"]["value"] for message in listed]
        assert texts == ["0", "1", "2", "3", "4", "5", "now", "later"]


def test_a_list_of_errors_overwrites_nothing_not_even_the_dump(tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    dump.write_text('{"id": "cut', "utf-8")
    code, told = outcome("import", str(dump), "--data", str(tmp_path / "data"), "--errors", str(dump))
    assert code == 2
    assert "exists already, and --errors overwrites nothing" in told
    assert dump.read_text("utf-8") == '{"id": "cut'
    errors = str(tmp_path / "errors")
    assert outcome("import", str(tmp_path / "none"), "--errors", errors)[0] == 2
    code, told = outcome("import", str(dump), "--data", str(tmp_path / "data"), "--errors", errors)
    assert "exists already" not in told


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("import {}/bad --data {}/data --errors /dev/full", "/dev/full can't be written"),
        ("import {}/bad --data {}/data >/dev/full", "can't be told on standard output"),
        ("import - --data {}/data <&-", "Standard input is closed"),
        ("export - --data {}/data >&-", "Standard output is closed"),
        ("export - --data {}/data >/dev/full", "could not be written to standard output: No space"),
        ("export - --data {}/data | true", "could not be written to standard output: Broken pipe"),
    ],
)
def test_streams_that_are_closed_or_full_are_one_sentence(command: str, said: str, tmp_path: Path) -> None:
    write_dump(tmp_path / "good", [100] * 10)  # more than a pipe holds
    (tmp_path / "bad").write_text("bad")
    assert outcome("import", str(tmp_path / "good"), "--data", str(tmp_path / "data"))[0] == 0
    shell = f"set -o pipefail; {shlex.join(own_command())} {command.replace('{}', str(tmp_path))}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, timeout=transfer.TIMEOUT_S)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
