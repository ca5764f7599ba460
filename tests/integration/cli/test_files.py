"""`retinue files`, and `retinue chat` over what it added, without a server."""

import re
from pathlib import Path

import pytest

from cli.terminal import retinue

pytestmark = pytest.mark.timeout(300)  # the model that embeds is loaded by each command

STORE = re.compile(r"vs_\w+")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "rules.md").write_text("# Rules\n\nThe deposit is 1,200 euros. Dogs are welcome.\n")
    (folder / "hours.txt").write_text("The pool opens at seven. The sauna is open on Fridays.\n")
    return folder


async def test_a_folder_is_added_listed_searched_asked_and_removed(tmp_path: Path, docs: Path) -> None:
    added = await retinue(tmp_path, "files", "add", "docs")
    assert added.code == 0, added
    assert added.out.startswith("2 files can be searched now in documents (vs_")
    (store, *_) = STORE.findall(added.out)

    (docs / "hours.txt").write_text("The pool opens at eight. The sauna is open on Fridays.\n")
    again = await retinue(tmp_path, "files", "add", "docs")
    assert again.out.startswith(f"1 file can be searched now in documents ({store}), 1 skipped (unchanged).")

    listed = await retinue(tmp_path, "files", "list", "--store", "documents")
    assert [line.split()[-2] for line in listed.out.splitlines()[1:]] == ["completed", "completed"]

    found = await retinue(tmp_path, "files", "search", "when does the pool open", "-n", "1", columns=80)
    assert found.out.startswith("1  hours.txt  (score ")
    assert "   The pool opens at eight." in found.out
    assert max(map(len, found.out.splitlines())) <= 80

    asked = await retinue(tmp_path, "chat", "--store", store, "How much is the deposit?")
    assert asked.out == "The deposit is 1,200 euros. [rules.md]\n"

    removed = await retinue(tmp_path, "files", "remove", "rules.md")
    assert removed.out == f"Removed {docs / 'rules.md'} from documents.\n"
    emptied = await retinue(tmp_path, "files", "remove", "--all")
    assert emptied.out == f"Removed {docs / 'hours.txt'} from documents.\nRemoved the vector store documents.\n"
    assert (await retinue(tmp_path, "files", "list")).out.startswith("There are no documents yet")


async def test_what_is_gone_from_a_folder_is_told_and_removed_by_the_command_that_is_told(
    tmp_path: Path, docs: Path
) -> None:
    (docs / "old").mkdir()
    (docs / "hours.txt").rename(docs / "old" / "rules.md")
    await retinue(tmp_path, "files", "add", "docs")
    several = await retinue(tmp_path, "files", "remove", "rules.md")
    assert (several.code, several.err.splitlines()[2:]) == (2, [f"  {docs / 'old/rules.md'}", f"  {docs / 'rules.md'}"])

    (docs / "old" / "rules.md").unlink()
    again = await retinue(tmp_path, "files", "add", "docs")
    assert "1 file is gone from the folder and still in the store: old/rules.md\n" in again.out
    (command,) = [line for line in again.out.splitlines() if line.startswith("  retinue files remove")]
    removed = await retinue(tmp_path, *command.split()[1:])
    assert removed.out == f"Removed {docs / 'old/rules.md'} from documents.\n"


async def test_a_store_that_could_not_be_filled_is_not_left_behind(tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    assert (await retinue(tmp_path, "files", "add", "broken.pdf", "--store", "new")).code == 1
    assert (await retinue(tmp_path, "chat", "-f", "broken.pdf", "Why?")).code == 2
    listed = await retinue(tmp_path, "files", "list", "--project", "default")
    assert listed.out.startswith(f"There are no documents yet in {tmp_path / 'data'}.")
    elsewhere = await retinue(tmp_path, "files", "list", "--data", "dta")
    assert "retinue files add FOLDER --data dta" in elsewhere.out
    assert not (tmp_path / "dta").exists()


async def test_what_can_not_be_searched_is_said_with_code_1(tmp_path: Path, docs: Path) -> None:
    (docs / "broken\x1b[31m.pdf").write_bytes(b"%PDF-1.7 and no more")
    done = await retinue(tmp_path, "files", "add", "docs")
    assert done.code == 1
    assert done.out.startswith("2 files can be searched now")
    assert "1 file failed:\n" in done.err
    assert "broken␛[31m.pdf: " in done.err
    assert "\x1b" not in done.out + done.err


async def test_a_question_takes_its_documents_along_and_leaves_those_that_were_added_the_only_ones(
    tmp_path: Path, docs: Path
) -> None:
    for _ in range(2):
        asked = await retinue(tmp_path, "chat", "-f", "docs", "When does the pool open?")
        assert asked.out == "The pool opens at seven. [hours.txt]\n"
    stores = (await retinue(tmp_path, "files", "list")).out.splitlines()[1:]
    assert len(stores) == 1

    added = await retinue(tmp_path, "files", "add", "docs/rules.md")
    assert added.out.startswith("1 file can be searched now in documents (vs_"), added
    found = await retinue(tmp_path, "files", "search", "the deposit", "-n", "1")
    assert found.out.startswith("1  rules.md  (score "), found


async def test_a_store_of_a_new_name_is_made_once(tmp_path: Path, docs: Path) -> None:
    for _ in range(2):
        assert "in pools (vs_" in (await retinue(tmp_path, "files", "add", "docs", "--store", "pools")).out
    assert len((await retinue(tmp_path, "files", "list")).out.splitlines()) == 2


async def test_what_is_meant_must_be_clear(tmp_path: Path, docs: Path) -> None:
    for arguments, said in (
        (("add", "docs", "--store", "vs_none"), "No vector store has the id or the name 'vs_none'"),
        (("add", "nowhere"), "There is no file or folder 'nowhere'"),
        (("search", "x"), "There are no documents yet"),
        (("remove",), "Name the files to remove"),
    ):
        done = await retinue(tmp_path, "files", *arguments)
        assert (done.code, said in done.err) == (2, True), done
