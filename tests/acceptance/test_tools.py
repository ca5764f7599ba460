"""The server's own functions, from the terminal and over the API."""

import json
from pathlib import Path

import pytest

from acceptance.server import SCRIPT, Server
from acceptance.terminal import retinue
from acceptance.test_start import refusal
from acceptance.wire import Wire

EXAMPLE = Path(__file__).parents[2] / "examples" / "mytools.py"
EXAMPLE_TOOLS = ("--tools", str(EXAMPLE))


def server_with(data: Path, *modules: Path) -> Server:
    server = Server(data, script=SCRIPT)
    server.arguments = [argument for module in modules for argument in ("--tools", str(module))]
    return server


def test_start_says_which_functions_run_for_nobody_and_the_remedy(tmp_path: Path) -> None:
    with server_with(tmp_path / "data", EXAMPLE) as server:
        said = " ".join(server.output.split())
        assert "2 run here: get_weather, book_table for nobody: to expose them, add [[tools.expose]]" in said
        assert Wire(server.port).send("GET", "/v1/retinue/tools").body == {"object": "list", "data": []}


def test_server_without_functions_does_not_speak_of_them(server: Server) -> None:
    assert "Functions" not in server.output


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (None, "There is no file"),
        ("import nowhere\n", "No module named 'nowhere'"),
        ("from retinue.tools import tool\n@tool\ndef f(*cities: str): ...\n", "mytools.py:2) takes *cities: str"),
    ],
    ids=["missing", "broken", "uncallable"],
)
def test_module_that_can_not_be_served_is_one_sentence(tmp_path: Path, source: str | None, why: str) -> None:
    module = tmp_path / "mytools.py"
    if source is not None:
        module.write_text(source)
    said = refusal(server_with(tmp_path / "data", module))
    assert why in said
    assert said.startswith("retinue: ")


def test_functions_are_shown() -> None:
    said = retinue("tools", *EXAMPLE_TOOLS)
    assert f"get_weather ({EXAMPLE}:" in said
    assert "Tell the weather in a city, now." in said
    assert '"description": "The city\'s name, such as Oslo."' in said
    assert "Runs for nobody; to expose them, add [[tools.expose]]" in said
    listed = json.loads(retinue("tools", *EXAMPLE_TOOLS, "--json"))
    assert [function["name"] for function in listed] == ["get_weather", "book_table"]
    assert listed[0]["declaration"]["function"]["parameters"]["required"] == ["city"]


def test_function_is_tried_by_hand() -> None:
    said = retinue("tools", "call", "get_weather", '{"city": "Oslo"}', *EXAMPLE_TOOLS)
    assert json.loads(said) == {"city": "Oslo", "temperature": 4.0, "unit": "celsius"}
    booked = '{"restaurant": "Fru K", "day": "2026-05-17", "guests": 4}'
    assert "Booked for 4 at Fru K on 17 May 2026" in retinue("tools", "call", "book_table", booked, *EXAMPLE_TOOLS)


def test_call_by_hand_that_fails_has_an_exit_code_of_its_own() -> None:
    retinue("tools", "call", "get_weather", "{}", *EXAMPLE_TOOLS, code=1)
    assert "there is get_weather" in retinue("tools", "call", "get_wether", *EXAMPLE_TOOLS, code=2)


def test_no_functions_are_no_guess() -> None:
    assert "--tools mytools.py" in retinue("tools", code=2)
