"""UTF-16 without a mark is told from whatever else bytes may be."""

import math
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from retinue.knowledge.reading.utf_16 import any_utf_16

TEXTS = {
    "Chinese": "会议记录：水泵明天早上七点检查。请带上旧的图纸，不要忘记钥匙。\r\n",
    "Japanese": "ポンプの点検は明日の朝七時です。古い図面を持ってきてください。\n",
    "Korean": "펌프는 내일 아침 일곱 시에 점검합니다. 열쇠를 잊지 마세요.\n",
    "Russian": "Насос проверят завтра в семь утра. Возьмите старый чертёж.\r\n",
    "Greek": "Η αντλία ελέγχεται αύριο στις επτά το πρωί.\n",
    "Arabic": "سيتم فحص المضخة غدا في الساعة السابعة صباحا.\n",
    "mixed": "# 水泵 Pump 7\n请检查 (check) ① 水泵 → 阀门 😀。\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("times", [1, 400])
def test_texts_of_any_language_are_told(text: str, encoding: str, times: int) -> None:
    assert any_utf_16((text * times).encode(encoding)) == encoding


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_text_may_be_cut_within_a_character(cut: int) -> None:
    assert any_utf_16((TEXTS["Chinese"] + "😀").encode("utf-16-le")[:-cut]) == "utf-16-le"


def binaries() -> Iterator[tuple[str, bytes]]:
    random = Random(1)
    numbers = [random.randrange(0x4E00, 0xA000) for _ in range(9_000)]
    wave = [round(9_000 * math.sin(n / 9)) for n in range(9_000)]
    yield "random", random.randbytes(65_536)
    yield "packed", zlib.compress(TEXTS["Chinese"].encode() * 9 + random.randbytes(20_000))
    yield "Chinese but for one control", (TEXTS["Chinese"] * 9 + "\x01").encode("utf-16-le")
    yield "numbers", struct.pack("<9000H", *numbers)
    yield "small numbers", struct.pack("<9000H", *(number % 0x300 for number in numbers))
    yield "long numbers", struct.pack("<9000I", *numbers)
    yield "a sound", struct.pack("<9000h", *wave)
    yield "measured values", struct.pack("<9000f", *wave)
    yield "every pair of bytes", struct.pack("<65536H", *range(65_536))
    yield "one character again and again", "水".encode("utf-16-le") * 900
    yield "Chinese without a mark of any kind", "水泵明天早上七点检查请带上旧的图纸".encode("utf-16-le") * 9
    yield "too short to tell", "水泵。\n".encode("utf-16-le")


@pytest.mark.parametrize("content", [pytest.param(content, id=name) for name, content in binaries()])
def test_binary_is_none(content: bytes) -> None:
    assert any_utf_16(content) is None


def test_a_program_is_none_wherever_it_is_looked_at() -> None:
    with Path(sys.executable).open("rb") as program:
        pieces = iter(lambda: program.read(4_096), b"")
        assert not any(any_utf_16(piece) for piece in pieces)


def test_small_binary_is_none() -> None:
    random = Random(1)
    assert not any(any_utf_16(random.randbytes(random.randrange(32, 200))) for _ in range(5_000))
