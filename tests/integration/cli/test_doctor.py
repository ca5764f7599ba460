"""`retinue doctor`, as a user calls it."""

from pathlib import Path

import msgspec
import pytest
from models.listing import Listing

from cli.terminal import Done, retinue
from retinue.app.doctor import Finding
from retinue.app.folder import hold

LISTED = {"/v1/models": {"object": "list", "data": [{"id": "small"}]}}
NOWHERE = "http://127.0.0.1:9/v1"


class Told(msgspec.Struct, frozen=True):
    """What the command prints as JSON."""

    findings: list[Finding]


def findings(done: Done, about: str) -> list[Finding]:
    return [finding for finding in msgspec.json.decode(done.out, type=Told).findings if finding.about == about]


async def test_a_machine_that_serves_is_found_to_and_nothing_is_made_on_it(tmp_path: Path) -> None:
    async with Listing(LISTED) as server:
        done = await retinue(tmp_path, "doctor", OPENAI_BASE_URL=f"{server.root}/v1", RETINUE_SANDBOX="off")
    assert done.code == 0, done.out
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == ["ok"] * 6
    assert "1 model" in done.out
    assert "made at the first start" in " ".join(done.out.split())
    assert "switched off" in done.out
    assert list(tmp_path.iterdir()) == []


async def test_a_provider_that_does_not_answer_is_broken(tmp_path: Path) -> None:
    done = await retinue(tmp_path, "doctor", OPENAI_BASE_URL=NOWHERE, RETINUE_SANDBOX="off")
    assert done.code == 1
    assert "1 of what is set up does not work." in done.out
    assert "nothing listens at http://127.0.0.1:9/v1. Check OPENAI_BASE_URL" in " ".join(done.out.split())


async def test_the_sandbox_is_tried(tmp_path: Path) -> None:
    done = await retinue(tmp_path, "doctor", "--json", RETINUE_INTERPRETER_CALL_S="7")
    (namespaces,) = [one for one in findings(done, "Interpreter") if one.text.startswith("namespaces: ")]
    if namespaces.state != "ok":
        assert namespaces.advice
        pytest.skip(f"this machine has no namespaces: {namespaces.text}")
    assert namespaces.text.endswith("code runs here")
    assert any(one.text.startswith("limits: a call 7 s") for one in findings(done, "Interpreter"))


async def test_a_sandbox_that_is_demanded_and_is_none_is_broken(tmp_path: Path) -> None:
    done = await retinue(tmp_path, "doctor", "--json", RETINUE_SANDBOX="remote")
    (remote,) = [one for one in findings(done, "Interpreter") if one.text.startswith("remote")]
    assert done.code == 1
    assert remote.state == "broken"
    assert "RETINUE_RUNNERS names none" in remote.text
    assert remote.advice


async def test_settings_that_cannot_be_meant_are_broken(tmp_path: Path) -> None:
    (tmp_path / "retinue.toml").write_text("[server]\nport = 'x'\n", "utf-8")
    done = await retinue(tmp_path, "doctor", "--json")
    (settings,) = findings(done, "Settings")
    assert done.code == 1
    assert settings.state == "broken"
    assert "port" in settings.text


async def test_a_name_that_is_misspelt_is_a_hint(tmp_path: Path) -> None:
    done = await retinue(tmp_path, "doctor", "--json", RETINUE_SANDBOX="off", RETINUE_RUNNER="a")
    assert [one.state for one in findings(done, "Settings")] == ["ok", "hint"]
    assert "Did you mean RETINUE_RUNNERS?" in findings(done, "Settings")[1].text
    assert done.code == 0


async def test_a_folder_that_another_program_has_is_said(tmp_path: Path) -> None:
    with hold(tmp_path / "data"):
        done = await retinue(tmp_path, "doctor", "--json", RETINUE_SANDBOX="off")
    assert done.code == 0
    assert findings(done, "Data folder")[1].text == "another program of Retinue's has it"


async def test_a_data_folder_that_is_a_file_is_broken(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    done = await retinue(tmp_path, "doctor", "--json", RETINUE_SANDBOX="off")
    (data,) = findings(done, "Data folder")
    assert done.code == 1
    assert data.state == "broken"
    assert data.advice


@pytest.mark.parametrize("columns", [40, 80, 200])
async def test_no_line_is_wider_than_the_terminal(tmp_path: Path, columns: int) -> None:
    done = await retinue(tmp_path, "doctor", columns=columns, OPENAI_BASE_URL=NOWHERE, RETINUE_SANDBOX="remote")
    assert max(map(len, done.out.splitlines())) <= max(columns, len(str(tmp_path / "data")) + 21)
