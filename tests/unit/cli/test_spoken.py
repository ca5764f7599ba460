"""What is read aloud comes in sentences, or in parts where there are none."""

import io
from collections.abc import Callable

import pytest

from retinue.cli.chat.conversation import Said
from retinue.cli.chat.screen.spoken import Spoken


class Recorded(io.StringIO):
    """Keeps what was written, write by write."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def write(self, text: str) -> int:
        self.pieces.append(text)
        return super().write(text)


Speak = Callable[[str], list[str]]


@pytest.fixture
def speak() -> Speak:
    """Has a text said that comes in small pieces; returns what was written before its end."""

    def spoken(text: str) -> list[str]:
        out = Recorded()
        screen = Spoken(out)
        screen.begin()
        for start in range(0, len(text), 3):
            screen.show(Said(text[start : start + 3]))
        return out.pieces[1:]

    return spoken


def test_sentences_are_said_whole(speak: Speak) -> None:
    assert speak('One. "Two!" Three') == ["One. ", '"Two!" ']


def test_sentences_of_scripts_without_blanks_are_said_whole(speak: Speak) -> None:
    assert speak("你好。今天怎么样？很好") == ["你好。", "今天怎么样？"]


def test_words_without_a_sentences_end_are_said_in_parts(speak: Speak) -> None:
    pieces = speak("words " * 300)
    assert len(pieces) == 4
    assert all(piece.endswith("words ") for piece in pieces)


def test_text_without_blanks_is_said_in_parts(speak: Speak) -> None:
    pieces = speak("abc" * 3_000)
    assert [len(piece) for piece in pieces] == [2001] * 4


def test_nothing_is_lost_or_said_twice() -> None:
    out = io.StringIO()
    screen = Spoken(out)
    screen.begin()
    text = "".join(f"word{number}{'. ' * (number % 97 == 0)}{' ' * (number % 3)}" for number in range(3_000))
    for start in range(0, len(text), 7):
        screen.show(Said(text[start : start + 7]))
    screen.notice("end")
    assert out.getvalue() == f"Answer:\n{text}\nend\n"
