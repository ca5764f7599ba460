"""Indexes that are saved to a folder: used when they are whole and the store's own, else left out."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import pytest

from knowledge.index.tables import Table, found_afresh
from knowledge.index.truth import file_of
from retinue.knowledge.index import block, contents, index_file, indexes
from retinue.knowledge.index.indexes import Indexes
from retinue.knowledge.index.saved import SavedIndexes
from retinue.knowledge.index.workers import Workers

Damage = Callable[[Path], object]


@pytest.fixture(autouse=True)
def _small_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "SAVED_FROM", 20)
    for module in (block, index_file):
        monkeypatch.setattr(module, "BLOCK_ROWS", 16)


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    made = Workers(2)
    yield made
    made.close()


@pytest.fixture
def saved(tmp_path: Path) -> Iterator[SavedIndexes]:
    made = SavedIndexes(tmp_path / "indexes")
    yield made
    made.close()


class Lives:
    """One process after the other."""

    def __init__(self, workers: Workers, saved: SavedIndexes) -> None:
        self._workers, self._saved = workers, saved

    def another(self) -> Indexes:
        return Indexes(bound=1 << 30, workers=self._workers, saved=self._saved)

    async def load(self, table: Table) -> None:
        """Live long enough to load a store and save it."""
        life = self.another()
        await table.index_in(life)
        await life.saved()


@pytest.fixture
def lives(workers: Workers, saved: SavedIndexes) -> Lives:
    return Lives(workers, saved)


async def test_the_next_life_reads_only_what_changed_since(lives: Lives, workers: Workers) -> None:
    table = Table("vs_1", *range(8))
    await lives.load(table)
    table.put("file-2", file_of(90, 7))
    table.drop("file-4")
    assert await table.found_in(lives.another()) == await found_afresh(table, workers)
    assert table.reads[:2] == [0, 8]


async def test_dropped_and_replaced_files_stay_so_in_what_is_saved(lives: Lives, workers: Workers) -> None:
    table, life = Table("vs_1", *range(8)), lives.another()
    await table.index_in(life)
    for seed in range(4):
        table.drop(f"file-{seed}")
        table.put("file-5", file_of(80 + seed, 30))
        await table.index_in(life)
        await life.saved()
    assert await table.found_in(lives.another()) == await found_afresh(table, workers)
    assert table.reads[-2:] == [table.version, 0]


async def test_a_block_that_is_full_is_written_once(lives: Lives, tmp_path: Path) -> None:
    table, life = Table("vs_1", *range(4)), lives.another()
    await table.index_in(life)
    await life.saved()
    before = written(tmp_path)
    for seed in range(4, 8):
        table.put(f"file-{seed}", file_of(seed, 12))
    await table.index_in(life)
    await life.saved()
    assert len(before) == 48 // 16
    assert len(written(tmp_path)) == 96 // 16
    assert before.items() <= written(tmp_path).items()


def written(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in folder.rglob(f"*{index_file.CODES}")}


async def test_a_small_store_is_not_saved(lives: Lives, tmp_path: Path) -> None:
    await lives.load(Table("vs_1", 1))
    assert not (tmp_path / "indexes").exists()


def cut(name: str) -> Damage:
    return lambda folder: next(folder.rglob(name)).write_bytes(next(folder.rglob(name)).read_bytes()[:-3])


def overwrite(name: str) -> Damage:
    """Change what a file holds, but not its length."""

    def damage(folder: Path) -> None:
        path = next(folder.rglob(name))
        held = bytearray(path.read_bytes())
        held[len(held) // 2] ^= 0xFF
        path.write_bytes(held)

    return damage


def remove(name: str) -> Damage:
    return lambda folder: next(folder.rglob(name)).unlink()


@pytest.mark.parametrize(
    "damage",
    [
        cut("*.codes"),
        cut("facts"),
        cut("contents"),
        cut("*.postings"),
        overwrite("*.codes"),
        overwrite("facts"),
        overwrite("contents"),
        overwrite("*.postings"),
        remove("*.codes"),
        remove("*.postings"),
        remove("contents"),
    ],
)
async def test_what_is_torn_is_left_out_and_made_anew(
    lives: Lives, workers: Workers, tmp_path: Path, damage: Damage
) -> None:
    table = Table("vs_1", *range(8))
    await lives.load(table)
    damage(tmp_path)
    life = lives.another()
    assert await table.found_in(life) == await found_afresh(table, workers)
    await life.saved()
    assert table.reads == [0, 0, 0]
    await table.found_in(lives.another())
    assert table.reads == [0, 0, 0, 8]


async def test_words_of_another_version_than_the_codes_are_left_out(
    lives: Lives, workers: Workers, tmp_path: Path
) -> None:
    table = Table("vs_1", *range(8))
    await lives.load(table)
    folder = next(tmp_path.rglob("facts")).parent
    shutil.copy(folder / "facts", tmp_path / "older")
    for seed in range(20, 30):
        table.put(f"file-{seed}", file_of(seed, 12))
    await lives.load(table)
    shutil.copy(tmp_path / "older", folder / "facts")
    assert await table.found_in(lives.another()) == await found_afresh(table, workers)


async def test_a_folder_of_another_store_is_left_out(lives: Lives, workers: Workers, tmp_path: Path) -> None:
    one, other = Table("vs_1", *range(8)), Table("vs_2", *range(20, 28))
    await lives.load(one)
    first = next(tmp_path.rglob("facts")).parent
    await lives.load(other)
    second = next(path.parent for path in tmp_path.rglob("facts") if path.parent != first)
    shutil.rmtree(second)
    shutil.copytree(first, second)
    assert await other.found_in(lives.another()) == await found_afresh(other, workers)


async def test_what_is_newer_than_the_database_is_left_out(lives: Lives, workers: Workers) -> None:
    """As after the database was restored from a backup."""
    table = Table("vs_1", *range(8))
    await lives.load(table)
    restored = Table("vs_1", 70, 71, 72)
    assert await restored.found_in(lives.another()) == await found_afresh(restored, workers)


async def test_a_disk_that_takes_nothing_harms_no_search(lives: Lives, workers: Workers, tmp_path: Path) -> None:
    (tmp_path / "indexes").write_text("a file where a folder should be")
    table, life = Table("vs_1", *range(8)), lives.another()
    assert await table.found_in(life) == await found_afresh(table, workers)
    await life.saved()
    assert await table.found_in(life) == await found_afresh(table, workers)


async def test_a_disk_that_is_full_half_way_is_left_empty(
    lives: Lives, workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, pieces: Sequence[bytes]) -> None:
        path.write_bytes(pieces[0][:3])
        raise OSError(28, "No space left on device")

    table, life = Table("vs_1", *range(8)), lives.another()
    await table.index_in(life)
    await life.saved()
    with monkeypatch.context() as patch:
        patch.setattr(index_file, "write_whole", full)
        for seed in range(10, 20):
            table.put(f"file-{seed}", file_of(seed, 12))
        await table.index_in(life)
        await life.saved()
    assert list((tmp_path / "indexes").iterdir()) == []
    assert await table.found_in(life) == await found_afresh(table, workers)
    await lives.load(table)
    assert await table.found_in(lives.another()) == await found_afresh(table, workers)


async def test_of_a_store_that_has_become_small_nothing_stays_saved(lives: Lives, tmp_path: Path) -> None:
    table = Table("vs_1", *range(8))
    await lives.load(table)
    for seed in range(1, 8):
        table.drop(f"file-{seed}")
    await lives.load(table)
    assert list((tmp_path / "indexes").iterdir()) == []


async def test_what_was_saved_and_is_mostly_dead_is_made_anew_at_once(
    lives: Lives, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "FEW_ROWS", 10)
    table = Table("vs_1", *range(8))
    await lives.load(table)
    for seed in range(2, 8):
        table.drop(f"file-{seed}")
    life = lives.another()
    assert len((await table.index_in(life)).contents.blocks) == 2 * 12
    await life.saved()
    assert len((await table.index_in(lives.another())).contents.blocks) == 2 * 12
    assert table.reads == [0, 8, 0, 14]


async def test_a_store_that_is_forgotten_leaves_no_files(lives: Lives, tmp_path: Path) -> None:
    table, life = Table("vs_1", *range(8)), lives.another()
    await table.index_in(life)
    await life.saved()
    await life.forget("vs_1")
    assert list((tmp_path / "indexes").iterdir()) == []


async def test_a_store_that_is_forgotten_while_it_is_saved_leaves_no_files(lives: Lives, tmp_path: Path) -> None:
    table, life = Table("vs_1", *range(8)), lives.another()
    await table.index_in(life)
    await life.forget("vs_1")
    await life.saved()
    assert not any((tmp_path / "indexes").glob("*"))
