"""Names from outside reach the terminal as text, whatever stands in them."""

from pathlib import Path

import msgspec
import pytest
from models.listing import Listing

from cli.terminal import retinue

HOSTILE = "e\x1b[31mv\x1b]0;title\x07i\x9b5m\u202el"
SHOWN = "e␛[31mv␛]0;title␇i�5m�l"


@pytest.mark.parametrize("command", [["models"], ["chat", "hello"]])
async def test_model_whose_name_is_hostile_is_told_as_text(command: list[str], tmp_path: Path) -> None:
    async with Listing({"/v1/models": {"object": "list", "data": [{"id": HOSTILE}, {"id": "other"}]}}) as server:
        done = await retinue(tmp_path, *command, OPENAI_BASE_URL=f"{server.root}/v1", OPENAI_API_KEY="x")
    assert SHOWN in done.out + done.err
    assert harmless(done.out + done.err)


async def test_assistant_whose_name_is_hostile_is_refused_in_text(tmp_path: Path) -> None:
    assistant = {"id": "asst_1", "object": "assistant", "created_at": 1, "name": HOSTILE, "model": "m"}
    (tmp_path / "dump").write_bytes(msgspec.json.encode(assistant))
    assert (await retinue(tmp_path, "import", "dump")).code == 0
    done = await retinue(tmp_path, "chat", "-a", "nobody", "hello")
    assert done.code == 2
    assert SHOWN in done.err
    assert harmless(done.err)


def harmless(text: str) -> bool:
    return not set("\x1b\x07\x9b\u202e") & set(text)
