"""What commands tell of settings: what is of use to who called them."""

from pathlib import Path

import pytest

from cli.terminal import retinue


@pytest.mark.parametrize(
    ("command", "told"), [("keys create -q", False), ("keys list", False), ("config", True), ("models", True)]
)
async def test_missing_key_of_a_provider_is_told_by_commands_that_ask_it(
    command: str, told: bool, tmp_path: Path
) -> None:
    (tmp_path / "retinue.toml").write_text('[providers.gone]\nbase_url = "http://127.0.0.1:9/v1"\nkey = "GONE_KEY"\n')
    done = await retinue(tmp_path, *command.split())
    assert ("GONE_KEY is not set" in done.err) == told
