from hypothesis import given
from hypothesis import strategies as st

from retinue.cli.clean import clean, clean_line


@given(st.text(), st.text())
def test_nothing_is_left_that_a_terminal_obeys(one: str, other: str) -> None:
    text = clean(one + other)
    assert text == clean(one) + clean(other)  # in whatever pieces it comes
    assert not any(ord(character) < 0x20 and character not in "\n\t" for character in text)
    assert not any(0x7F <= ord(character) < 0xA0 or 0xD800 <= ord(character) < 0xE000 for character in text)
    text.encode()


def test_control_characters_are_shown() -> None:
    assert clean("\x1b[31m\x07\x7f\x9b\u202e") == "␛[31m␇␡��"


def test_line_ends_of_other_systems_are_line_ends() -> None:
    assert clean("a\r\nb\u2028c") == "a\nb\nc"


def test_emoji_and_letters_of_all_scripts_stay() -> None:
    assert clean("👩‍💻 שלום é 日本") == "👩‍💻 שלום é 日本"


@given(st.text(max_size=2000))
def test_a_line_is_one_line_and_not_long(text: str) -> None:
    line = clean_line(text, 50)
    assert "\n" not in line
    assert len(line) <= 50
