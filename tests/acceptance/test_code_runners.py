"""Code that is run on other machines: two runners behind a server, until the last of them is dead."""

from collections.abc import Iterator

import pytest
from openai import OpenAI

from acceptance.amid import NAME, RENAME
from acceptance.asking import client_of
from acceptance.coding import Answer, ask, block, coder, uploaded
from acceptance.runner import KEY, Runner
from acceptance.server import Server

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.usefixtures("sandbox")]


@pytest.fixture(scope="module")
def runners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runner, Runner]]:
    folder = tmp_path_factory.mktemp("runners")
    with Runner(folder / "one.log") as one, Runner(folder / "two.log") as two:
        yield one, two


@pytest.fixture(scope="module")
def client(runners: tuple[Runner, Runner], tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAI]:
    settings = {
        "RETINUE_SANDBOX": "auto",
        "RETINUE_RUNNERS": ",".join(runner.url for runner in runners),
        "RETINUE_RUNNER_KEY": KEY,
    }
    folder = tmp_path_factory.mktemp("served") / "data"
    with Server(folder, environment=settings) as server, client_of(server.base_url) as client:
        yield client


@pytest.fixture(scope="module")
def assistant(client: OpenAI) -> str:
    return coder(client)


@pytest.fixture(scope="module")
def first(client: OpenAI, assistant: str) -> Answer:
    """A call that keeps a name, makes a file and leaves a mark on the runner that has its session."""
    code = f"{RENAME}\nkept = 41\nopen('/mnt/data/note.txt', 'w').write('still here')"
    return ask(client, assistant, block(code))


def test_a_csv_is_plotted_on_a_runner(client: OpenAI, assistant: str) -> None:
    answer = ask(client, assistant, "Plot price against month in this CSV.", files=[uploaded(client)])
    (image,) = answer.images
    assert client.files.content(image).read().startswith(b"\x89PNG")


def test_names_and_files_are_kept_on_a_runner(client: OpenAI, assistant: str, first: Answer) -> None:
    assert ask(client, assistant, block("kept + 1"), thread=first.thread).logs == "42\n"
    (made,) = first.files.values()
    assert client.files.content(made).read() == b"still here"


def test_runners_that_die_are_replaced_while_there_is_one(
    client: OpenAI, assistant: str, first: Answer, runners: tuple[Runner, Runner]
) -> None:
    (having,) = [runner for runner in runners if runner.has(NAME)]
    having.kill()
    answer = ask(client, assistant, block("print(open('/mnt/data/note.txt').read())\nkept"), thread=first.thread)
    assert "still here" in answer.logs, "files are there"
    assert "NameError" in answer.logs, "names are not"
    for runner in runners:
        runner.kill()
    failed = client.beta.threads.create_and_run_poll(
        assistant_id=assistant, thread={"messages": [{"role": "user", "content": block("1")}]}, poll_interval_ms=50
    )
    assert failed.status == "failed"
    assert failed.last_error is not None
    assert failed.last_error.message.startswith("No session can be opened, for no runner will: ")
    assert all(runner.url in failed.last_error.message for runner in runners), failed.last_error
