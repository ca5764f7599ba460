"""Code that a model writes is run on the server: through the official client, with the rehearsal model."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI
from openai.types.beta.threads.runs import CodeInterpreterToolCall
from PIL import Image

from acceptance.asking import client_of
from acceptance.coding import INTERPRETER, SALES, answer_of, ask, block, calls_in, calls_of, coder, uploaded
from acceptance.server import Server
from acceptance.wire import Wire

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.usefixtures("sandbox")]

CALL_S = 3


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {"RETINUE_SANDBOX": "auto", "RETINUE_INTERPRETER_CALL_S": str(CALL_S)}
    with Server(tmp_path_factory.mktemp("interpreter") / "data", environment=settings) as server:
        yield server


@pytest.fixture(scope="module")
def client(served: Server) -> Iterator[OpenAI]:
    with client_of(served.base_url) as client:
        yield client


@pytest.fixture(scope="module")
def assistant(client: OpenAI) -> str:
    return coder(client)


def test_a_csv_is_plotted(client: OpenAI, assistant: str) -> None:
    answer = ask(client, assistant, "Plot price against month in this CSV.", files=[uploaded(client)])
    (image,) = answer.images
    chart = image_of(client, image)
    assert chart.size >= (400, 300)
    assert len(chart.convert("RGB").getcolors(1 << 20) or ()) > 10, "it shows something"
    assert client.files.retrieve(image).purpose == "assistants_output"


def test_a_csv_is_described_in_words(client: OpenAI, assistant: str) -> None:
    answer = ask(client, assistant, "Describe this CSV.", files=[uploaded(client)])
    assert "4 rows" in answer.text
    assert answer.images == ()


def test_a_file_goes_in_and_a_changed_one_comes_out(client: OpenAI, assistant: str) -> None:
    given = uploaded(client)
    question = "Add a column total = price * quantity to sales.csv and give me the file back."
    answer = ask(client, assistant, question, files=[given])
    ((path, made),) = answer.files.items()
    assert path.startswith("sandbox:/mnt/data/")
    rows = client.files.content(made).text.split()
    assert rows[0] == "month,price,quantity,total"
    assert rows[1].startswith("Jan,2.5,10,25")
    assert client.files.content(given).read() == SALES, "what went in stays as it was"


def test_files_of_the_assistant_and_of_the_thread_are_there(client: OpenAI) -> None:
    ours, own = uploaded(client, "ours.txt", b"of the assistant"), uploaded(client, "own.txt", b"of the thread")
    thread = client.beta.threads.create(tool_resources={"code_interpreter": {"file_ids": [own]}}).id
    code = "for name in ('ours.txt', 'own.txt'): print(open('/mnt/data/' + name).read())"
    answer = ask(client, coder(client, file_ids=[ours]), block(code), thread=thread)
    assert answer.logs == "of the assistant\nof the thread\n"


def test_names_are_kept_over_three_calls(client: OpenAI, assistant: str) -> None:
    first = ask(client, assistant, block("numbers = [1, 2, 3]"))
    ask(client, assistant, block("numbers.append(4)"), thread=first.thread)
    third = ask(client, assistant, block("sum(numbers)"), thread=first.thread)
    assert third.logs == "10\n"


def test_a_syntax_error_is_repaired(client: OpenAI, assistant: str) -> None:
    answer = ask(client, assistant, block("print(sum([1, 2, 39])"))
    wrong, right = answer.code
    assert wrong == "print(sum([1, 2, 39])"
    assert right != wrong
    assert "SyntaxError" in answer.logs
    assert "42" in answer.logs


def test_an_error_is_of_the_models_own_code(client: OpenAI, assistant: str) -> None:
    logs = ask(client, assistant, block("def half(n):\n    return n / 0\nhalf(3)")).logs
    assert "return n / 0" in logs
    assert "ZeroDivisionError" in logs
    assert "retinue" not in logs


def test_a_loop_is_stopped_and_the_thread_goes_on(client: OpenAI, assistant: str) -> None:
    stopped = ask(client, assistant, block("kept = 7\nwhile True: pass"))
    assert f"took longer than {CALL_S} seconds" in stopped.logs
    assert ask(client, assistant, block("kept"), thread=stopped.thread).logs.endswith("7\n")


def test_a_flood_is_cut(client: OpenAI, assistant: str) -> None:
    logs = ask(client, assistant, block("print('x' * 3_000_000)\nprint('the end')")).logs
    assert 200_000 < len(logs) < 300_000
    assert "left out" in logs


def test_what_is_streamed_is_what_is_stored(client: OpenAI, assistant: str) -> None:
    question = "Plot quantity against month in this CSV."
    attached: Any = [{"file_id": uploaded(client), "tools": [INTERPRETER]}]
    thread = client.beta.threads.create(messages=[{"role": "user", "content": question, "attachments": attached}])
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant) as stream:
        stream.until_done()
        run, steps, heard = stream.get_final_run(), stream.get_final_run_steps(), stream.get_final_messages()
    assert run.status == "completed"
    stored = client.beta.threads.messages.list(thread.id, run_id=run.id, order="asc").data
    assert [message.content for message in heard] == [message.content for message in stored]
    streamed = [call for step in steps for call in calls_in(step)]
    assert list(map(without_index, streamed)) == list(map(without_index, calls_of(client, thread.id, run.id)))
    assert answer_of(client, run).images


def test_files_are_there_though_the_window_has_left_their_message(client: OpenAI, assistant: str) -> None:
    first = ask(client, assistant, block("kept = 1"), files=[uploaded(client, "own.txt", b"of the first message")])
    client.beta.threads.messages.create(first.thread, role="user", content=block("open('/mnt/data/own.txt').read()"))
    strategy: Any = {"type": "last_messages", "last_messages": 1}
    run = client.beta.threads.runs.create_and_poll(
        thread_id=first.thread, assistant_id=assistant, truncation_strategy=strategy, poll_interval_ms=50
    )
    assert answer_of(client, run).logs == "'of the first message'\n"


def test_a_turn_says_that_its_model_was_told_of_files(client: OpenAI, assistant: str, served: Server) -> None:
    answer = ask(client, assistant, block("1"), files=[uploaded(client, "a.txt"), uploaded(client, "b.txt")])
    turns = Wire(served.port).send("GET", f"/v1/retinue/runs/{answer.run}/turns").body["data"]
    manifests = [turn["manifest"] for turn in turns]
    assert [manifest["tools"] for manifest in manifests] == [["code_interpreter"]] * 2
    assert [manifest["notes"] for manifest in manifests] == [
        ["2 files were told to the model as given to its code."]
    ] * 2


def test_files_outlive_the_server(client: OpenAI, assistant: str, served: Server) -> None:
    first = ask(client, assistant, block("kept = 1\nopen('/mnt/data/note.txt', 'w').write('still here')"))
    served.kill()
    served.start()
    answer = ask(client, assistant, block("print(open('/mnt/data/note.txt').read())\nkept"), thread=first.thread)
    assert "still here" in answer.logs
    assert "NameError" in answer.logs


def without_index(call: CodeInterpreterToolCall) -> dict[str, Any]:
    """Return what a call says; in streams, parts bear their places too."""
    said: dict[str, Any] = call.to_dict()
    outputs = [{**output, "index": None} for output in said["code_interpreter"]["outputs"]]
    return {**said, "index": None, "code_interpreter": {**said["code_interpreter"], "outputs": outputs}}


def image_of(client: OpenAI, id_: str) -> Image.Image:
    return Image.open(io.BytesIO(client.files.content(id_).read()))


def test_code_has_none_of_the_servers_open_files(served: Server, client: OpenAI, assistant: str) -> None:
    """The log is one: what code could write there, an operator would see, or read what he types."""
    code = """import os
for number in range(1_000):
    try:
        about = os.fstat(number)
        print(about.st_dev, about.st_ino)
    except OSError:
        pass"""
    seen = ask(client, assistant, block(code)).logs.splitlines()
    for number in (1, 2):
        about = Path(f"/proc/{served.pid}/fd/{number}").stat()
        assert f"{about.st_dev} {about.st_ino}" not in seen
    assert seen
