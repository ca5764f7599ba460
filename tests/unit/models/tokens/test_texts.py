"""Texts are counted once, in pieces that change nothing, and no more counts are kept than there is room for."""

import asyncio
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.models import tokens
from retinue.models.tokens.encodings import EncodingName, load
from retinue.models.tokens.memory import Memory, key_of
from retinue.models.tokens.pieces import pieces_of
from retinue.models.tokens.texts import Texts

RANKS = Path(tokens.__file__).with_name("ranks")
LONG = "word " * 1_000


class Letters:
    """An encoding in which each letter is a token, that says how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode_ordinary(self, text: str) -> list[int]:
        self.asked.append(text)
        return list(map(ord, text))


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        # as tiktoken's own tiktoken_ext/openai_public.py expects them
        ("cl100k_base", "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"),
        ("o200k_base", "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"),
    ],
)
def test_the_ranks_are_the_published_ones(name: str, digest: str) -> None:
    assert sha256((RANKS / f"{name}.tiktoken").read_bytes()).hexdigest() == digest


def test_an_encoding_is_loaded_once() -> None:
    assert load("o200k_base") is load("o200k_base")


@pytest.mark.parametrize("text", ["x" * 100, LONG])
async def test_a_text_is_counted_once(text: str) -> None:
    letters = Letters()
    texts = Texts(letters)
    assert [await texts.count(text) for _ in range(3)] == [len(text)] * 3
    assert "".join(letters.asked) == text


async def test_other_tasks_get_their_turns_while_a_crowd_of_short_texts_is_counted() -> None:
    texts, turns = Texts(Letters()), 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(take_turns())
    for number in range(1_000):
        await texts.count(f"{number} " * 100)
    other.cancel()
    assert turns > 5


async def test_no_more_counts_are_kept_than_there_is_room_for() -> None:
    letters = Letters()
    texts = Texts(letters, remembered=2)
    one, two, three = (letter * 100 for letter in "abc")
    for text in (one, two, one, three, one, two):
        await texts.count(text)
    assert letters.asked == [one, two, three, two], "the one that was not asked for the longest is counted anew"


@given(keys=st.lists(st.integers(0, 20)))
def test_a_memory_holds_the_newest(keys: list[int]) -> None:
    memory = Memory(5)
    for key in keys:
        memory.note(key_of(str(key)), key)
    newest = list(dict.fromkeys(reversed(keys)))
    assert len(memory) == min(len(newest), 5)
    assert all(memory.find(key_of(str(key))) == key for key in newest[:1])


@given(text=st.text(), longest=st.integers(1, 30))
def test_pieces_are_short_and_lose_nothing(text: str, longest: int) -> None:
    pieces = list(pieces_of(text, longest=longest))
    assert "".join(pieces) == text
    assert all(len(piece) <= longest for piece in pieces)


@pytest.mark.parametrize("encoding", ["cl100k_base", "o200k_base"])
@given(words=st.lists(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=10), min_size=1))
def test_pieces_cut_between_words_add_up_to_the_text(encoding: EncodingName, words: list[str]) -> None:
    text = " ".join(words)
    counts = [len(load(encoding).encode_ordinary(piece)) for piece in pieces_of(text, longest=24)]
    assert sum(counts) == len(load(encoding).encode_ordinary(text))
