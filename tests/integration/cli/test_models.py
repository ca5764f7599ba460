"""`retinue models` and `retinue models probe`, as a user calls them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from models.listing import Listing

from cli.terminal import retinue
from retinue.app.folder import hold
from retinue.app.model_survey import stored_profiles
from retinue.testing import Fails, FakeProvider, Picky

LISTED: dict[str, Any] = {
    "/v1/models": {
        "object": "list",
        "data": [
            {"id": "big", "context_window": 131072, "max_completion_tokens": 32768, "capabilities": {"vision": True}},
            {"id": "small"},
        ],
    }
}

SETTINGS = """
[providers.acme]
base_url = "{url}/v1"
models = ["big", "small"]
default_model = "small"

[providers.gone]
base_url = "http://127.0.0.1:9/v1"

[models]
fallback = ["small"]

[models.aliases]
"gpt-4-1106-preview" = ["acme/big"]

[models.about."big"]
price = {{ prompt = 2.5, completion = 10 }}
"""


def configured(folder: Path, url: str) -> None:
    (folder / "retinue.toml").write_text(SETTINGS.format(url=url), "utf-8")


async def test_models_are_listed_with_sizes_prices_and_aliases(tmp_path: Path) -> None:
    async with Listing(LISTED) as server:
        configured(tmp_path, server.root)
        done = await retinue(tmp_path, "models")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    (big,) = [line for line in lines if line.split()[:1] == ["big"]]
    assert big.split() == ["big", "131,072", "32,768", "yes", "2.5", "10", "gpt-4-1106-preview"]
    assert any("gone" in line and "127.0.0.1:9" in line for line in lines)
    assert "nothing listens at http://127.0.0.1:9/v1." in done.out
    assert "Check base_url in [providers.gone]" in done.out
    assert "served by acme/small" in done.out
    assert "Asked where nobody answers: small." in done.out


@pytest.mark.parametrize("columns", [40, 80, 200])
async def test_no_line_is_wider_than_the_terminal(tmp_path: Path, columns: int) -> None:
    async with Listing(LISTED) as server:
        configured(tmp_path, server.root)
        done = await retinue(tmp_path, "models", columns=columns)
    assert max(map(len, done.out.splitlines())) <= columns
    assert "131,072" in done.out


async def test_models_are_listed_as_json(tmp_path: Path) -> None:
    async with Listing(LISTED) as server:
        configured(tmp_path, server.root)
        done = await retinue(tmp_path, "models", "--json")
    survey = msgspec.json.decode(done.out)
    acme, gone = survey["providers"]
    assert acme["models"][0] == {
        "name": "big",
        "context_tokens": 131072,
        "completion_tokens": 32768,
        "images": True,
        "prompt_usd": 2.5,
        "completion_usd": 10.0,
        "aliases": ["gpt-4-1106-preview"],
        "probed_at": None,
    }
    assert acme["problem"] is None
    assert gone["problem"]
    assert gone["models"] == []


async def test_where_nobody_serves_rehearsal_does(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("rules: []\n", "utf-8")
    done = await retinue(tmp_path, "models", RETINUE_SCRIPT=str(tmp_path / "rules.yaml"))
    assert done.code == 0
    assert "served by rehearsal" in done.out
    assert not (tmp_path / "data").exists()


async def test_a_probe_is_told_step_by_step_and_kept(tmp_path: Path) -> None:
    async with FakeProvider(default=Picky(refuses=("max_tokens",), images=False), models=("m",)) as provider:
        url: Any = {"OPENAI_BASE_URL": provider.base_url}
        done = await retinue(tmp_path, "models", "probe", **url)
        assert done.code == 0, done.err
        lines = done.out.splitlines()
        assert "about m: 9 requests at most, of a few tokens each" in lines[0]
        told = {line[:22].strip(): line[22:].strip() for line in lines[1:-1]}
        assert told["the reply's bound"] == "max_completion_tokens"
        assert told["images"] == "no"
        assert told["context"] == "not found out"
        before = await stored_profiles(tmp_path / "data")
        again = await retinue(tmp_path, "models", "probe", **url)
        assert again.out == done.out
        listed = await retinue(tmp_path, "models", "--json", **url)
    (profile,) = await stored_profiles(tmp_path / "data")
    assert (profile.findings, profile.sizes) == (before[0].findings, before[0].sizes)
    assert profile.findings.bound == "max_completion_tokens"
    (model,) = msgspec.json.decode(listed.out)["providers"][0]["models"]
    assert (model["images"], model["probed_at"]) == (False, profile.probed_at)


async def test_both_work_beside_a_server(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    async with FakeProvider(default=Picky(), models=("m",)) as provider:
        url: Any = {"OPENAI_BASE_URL": provider.base_url}
        await retinue(tmp_path, "models", "probe", **url)
        with hold(tmp_path / "data"):
            assert (await retinue(tmp_path, "models", "probe", "--model", "n", **url)).code == 0
            assert (await retinue(tmp_path, "models", **url)).code == 0
    assert [profile.model for profile in await stored_profiles(tmp_path / "data")] == ["m", "n"]


@pytest.mark.parametrize(
    ("arguments", "answer", "sentence"),
    [
        ((), Fails(401, "Wrong key."), "refused the API key (401): Wrong key."),
        (("nobody",), Picky(), "There is no provider 'nobody'. There are: "),
        (("--model", "x"), Fails(404, "No such model."), "took no request for 'x' (404)"),
    ],
)
async def test_a_probe_that_comes_to_nothing_says_why_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], answer: Any, sentence: str
) -> None:
    async with FakeProvider(default=answer, models=("m",)) as provider:
        done = await retinue(tmp_path, "models", "probe", *arguments, OPENAI_BASE_URL=provider.base_url)
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert sentence in line
    assert await stored_profiles(tmp_path / "data") == ()


async def test_an_unknown_dialect_is_refused_with_those_there_are(tmp_path: Path) -> None:
    (tmp_path / "retinue.toml").write_text(
        '[providers.x]\nbase_url = "http://127.0.0.1:9/v1"\ndialect = "latin"\n', "utf-8"
    )
    done = await retinue(tmp_path, "models")
    assert done.code == 2
    assert "dialect in [providers.x] is 'latin'; it must be one of openai, azure, " in done.err


@pytest.mark.parametrize("more", [(), ("--json",)])
async def test_models_of_providers_that_cannot_be_asked_are_a_failure(tmp_path: Path, more: tuple[str, ...]) -> None:
    (tmp_path / "retinue.toml").write_text('[providers.gone]\nbase_url = "http://127.0.0.1:9/v1"\n')
    done = await retinue(tmp_path, "models", *more)
    assert done.code == 1
    assert "gone" in done.out
