"""Where settings come from, as people see it in a terminal: `retinue config`, and commands in a folder with files."""

import json
import subprocess
from pathlib import Path

import pytest

from acceptance.server import SCRIPT, Server
from acceptance.terminal import TIMEOUT_S, command, environment, list_keys, retinue

KEY = "sk-abcdefghijklmnopqrstuvwxyz0123456789"
DOTENV = f"""\
# The providers' keys
OPENAI_API_KEY="{KEY}"
export GROQ_API_KEY=gsk_{KEY}
MAX_SESSION_TOKENS=512
"""
TOML = """\
[server]
data = "stored"
port = 5000

[models]
default = "gpt-4o"

[models.aliases]
fast = ["groq/llama-3.3-70b-versatile", "gpt-4o-mini"]

[models.about."gpt-4.1"]
price = {prompt = 2.0, completion = 8.0}

[tools]
modules = ["mytools.py"]

[[tools.expose]]
projects = ["default"]

[providers.groq]
base_url = "https://someone:hunter2@api.groq.com/openai/v1"
key = "GROQ_API_KEY"
headers = {"X-Secret" = "swordfish"}
"""
SECRETS = (KEY, KEY[3:30], "hunter2", "swordfish")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".env").write_text(DOTENV, "utf-8")
    (tmp_path / "retinue.toml").write_text(TOML, "utf-8")
    return tmp_path


def run(folder: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env={**environment(), "PYTHONIOENCODING": "utf-8", **variables},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        check=False,
    )


def test_config_shows_what_is_in_force_and_where_it_came_from(folder: Path) -> None:
    done = run(folder, "config", RETINUE_PORT="6000", COLUMNS="120")
    assert done.returncode == 0, done.stderr
    rows = {" ".join(line.split()) for line in done.stdout.splitlines()}
    assert {
        f"retinue.toml {folder / 'retinue.toml'}",
        f".env {folder / '.env'}",
        "OPENAI_API_KEY sk-…6789 .env:2 OPENAI_API_KEY",
        "port 6000 environment RETINUE_PORT",
        "data stored retinue.toml [server] data",
        "log_level info default",
        "reply_tokens 512 .env:4 MAX_SESSION_TOKENS",
        "fast groq/llama-3.3-70b-versatile, gpt-4o-mini retinue.toml [models.aliases] fast",
        "base_url https://api.groq.com/openai/v1 retinue.toml [providers.groq] base_url",
        "api_key …6789 .env:3 GROQ_API_KEY",
        "headers X-Secret **** retinue.toml [providers.groq] headers",
        "modules mytools.py retinue.toml [tools] modules",
        "expose functions *; projects default; assistants - retinue.toml [tools] expose",
    } <= rows
    assert done.stderr == (
        "retinue: MAX_SESSION_TOKENS (.env, line 4) is an older name of RETINUE_REPLY_TOKENS, and was read:"
        " rename it.\n"
    )


def test_config_shows_the_folder_that_a_server_with_this_option_has(folder: Path) -> None:
    done = run(folder, "config", "--data", "elsewhere", COLUMNS="120")
    assert "data elsewhere command line --data" in [" ".join(line.split()) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_config_fits_a_narrow_terminal(folder: Path, columns: int) -> None:
    done = run(folder, "config", COLUMNS=str(columns))
    assert max(map(len, done.stdout.splitlines())) <= columns
    assert "[providers.groq]" in done.stdout


@pytest.mark.parametrize("arguments", [["config"], ["config", "--json"]])
def test_config_tells_no_secret(folder: Path, arguments: list[str]) -> None:
    done = run(folder, *arguments)
    assert "6789" in done.stdout
    assert [secret for secret in SECRETS if secret in done.stdout + done.stderr] == []


def test_config_speaks_to_programs(folder: Path) -> None:
    said = json.loads(run(folder, "config", "--json").stdout)
    values = {(entry["table"], entry["name"]): entry for entry in said["settings"]}
    assert values["server", "port"] == {
        "table": "server",
        "name": "port",
        "value": 5000,
        "source": {"layer": "retinue.toml", "name": "[server] port", "file": "retinue.toml", "line": None},
    }
    assert values["models.aliases", "fast"]["value"] == ["groq/llama-3.3-70b-versatile", "gpt-4o-mini"]
    assert values['models.about."gpt-4.1"', "price"]["value"] == {"prompt": 2.0, "completion": 8.0, "cached": None}
    assert values["providers.groq", "parallel"]["source"]["layer"] == "default"
    assert said["files"] == {"retinue.toml": str(folder / "retinue.toml"), ".env": str(folder / ".env")}
    assert len(said["notes"]) == 1


def test_examples_are_read_as_they_are_printed(tmp_path: Path) -> None:
    for name, option in (("retinue.toml", "--example"), (".env", "--env-example")):
        (tmp_path / name).write_text(run(tmp_path, "config", option).stdout, "utf-8")
    done = run(tmp_path, "config", "--json")
    sources = {entry["source"]["layer"] for entry in json.loads(done.stdout)["settings"]}
    assert (sources, done.stderr) == ({"default"}, "")


@pytest.mark.parametrize("arguments", [["config"], ["serve"], ["keys", "list"], ["backup", "a.tar.gz"], ["export"]])
def test_a_mistake_is_one_line_of_every_command(folder: Path, arguments: list[str]) -> None:
    (folder / "retinue.toml").write_text("[server]\nport = 4747\nprot = 1\n", "utf-8")
    done = run(folder, *arguments)
    assert done.returncode == 2
    assert done.stderr == (
        "retinue: [server] in retinue.toml has the key 'prot', which is no setting. Did you mean port?\n"
    )


def test_commands_find_the_data_folder_that_a_file_names(folder: Path) -> None:
    assert run(folder, "keys", "create", "ci", "-q").returncode == 0
    assert [key["name"] for key in list_keys(folder / "stored")] == ["ci"]
    said = retinue("keys", "list", "--config", str(folder / "retinue.toml"))
    assert " ci " in said


def test_a_server_takes_its_settings_from_a_file(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text(f'[server]\nport = 1\ndata = "other"\n[rehearsal]\nscript = "{SCRIPT.as_posix()}"\n', "utf-8")
    with Server(tmp_path / "data", environment={"RETINUE_CONFIG": str(config)}) as server:
        assert str(SCRIPT) in " ".join(server.output.split())
        assert server.port != 1
    assert not (tmp_path / "other").exists()
