"""Charts and files of an answer, in a folder."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from retinue.cli.chat.conversation import Made
from retinue.cli.chat.made import safe_name, save_made
from retinue.core.errors import InvalidRequest


async def content(file_id: str) -> AsyncGenerator[bytes, None]:
    yield b"content of "
    if file_id == "gone":
        raise InvalidRequest("There is no such file.")
    yield file_id.encode()


async def test_nothing_is_overwritten(tmp_path: Path) -> None:
    made = [Made(file_id=f"file-{number}", name="a.tar.csv") for number in range(3)]
    folder = tmp_path / "new" / "folder"
    paths = await save_made(made, folder, content)
    assert [path.name for path in paths] == ["a.tar.csv", "a.tar-2.csv", "a.tar-3.csv"]
    assert [path.read_text() for path in paths] == [f"content of file-{number}" for number in range(3)]


async def test_a_link_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to(tmp_path / "elsewhere")
    (path,) = await save_made([Made(file_id="1", name="a.csv")], tmp_path, content)
    assert (path.name, (tmp_path / "elsewhere").exists()) == ("a-2.csv", False)


async def test_what_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest):
        await save_made([Made(file_id="gone", name="a.csv")], tmp_path, content)
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidRequest, match="can't be written"):
        await save_made([Made(file_id="1", name="a")], tmp_path / "file", content)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("sales.csv", "sales.csv"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("Umsätze 2024 (neu).csv", "Umsätze 2024 (neu).csv"),
        ("a\x1b[2J\nb.csv", "a_2J b.csv"),
        ("..", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
        ("-rf", "_-rf"),
        ("con.txt", "_con.txt"),
        ("a" * 300 + ".csv", "a" * 96 + ".csv"),
        ("a." + "b" * 300, ("a." + "b" * 300)[:100]),
    ],
)
def test_names_stay_in_their_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe
