import hashlib
import json
import re
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from knowledge.embedding.nearness import nearness
from retinue.knowledge.embedding.minilm import FOLDER, MiniLM

FLOAT32 = json.loads(Path(__file__).with_name("float32.json").read_text(encoding="utf-8"))
"""Texts with the vectors that the model's float32 weights give them, as `scripts/minilm.py --float32` has them."""


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM()


def test_the_shipped_files_are_those_that_the_notice_names() -> None:
    told = dict(re.findall(r"\| `([\w.]+)` \| `(\w{64})` \|", (FOLDER / "NOTICE.md").read_text(encoding="utf-8")))
    assert told == {name: hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name in told}
    assert set(told) == {"model.onnx", "tokenizer.json"}


@pytest.mark.parametrize("text", FLOAT32)
def test_vectors_are_those_of_the_exact_model(minilm: MiniLM, text: str) -> None:
    assert nearness(minilm.query(text), b64decode(FLOAT32[text])) > 0.99
    assert nearness(minilm.passage(text), minilm.query(text)) > 0.9999


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("How do I get my money back?", "Refunds are paid within 30 days.", "Our office is in Rome."),
        ("Wo ist das Büro?", "Das Büro liegt in Rom.", "Geld gibt es in 30 Tagen zurück."),
        ("heat in supersonic flow", "Aerodynamic heating at high Mach numbers", "A recipe for lentil soup"),
    ],
)
def test_what_means_the_same_is_nearer(minilm: MiniLM, query: str, near: str, far: str) -> None:
    asked = minilm.query(query)
    assert nearness(asked, minilm.query(near)) > nearness(asked, minilm.query(far)) + 0.2


@pytest.mark.parametrize(
    "text",
    ["", " \n", "a\0b", "\ud800", "x \udfff y", "😀" * 300, "\x1b[2J", "word" * 25_000, "documentation " * 7_200],
)
def test_every_text_has_a_vector_of_length_one(minilm: MiniLM, text: str) -> None:
    vector = minilm.passage(text)
    assert len(vector) == 768
    assert nearness(vector, vector) == pytest.approx(1, abs=1e-3)


def test_nothing_of_a_text_is_lost_that_is_longer_than_the_model_reads_at_once(minilm: MiniLM) -> None:
    begins, ends = "The weather in Rome is mild. " * 72, "Refunds are paid within 30 days. " * 72
    whole = minilm.passage(begins + ends)
    assert nearness(whole, minilm.passage(ends)) > nearness(minilm.passage(begins), minilm.passage(ends)) + 0.2
    assert nearness(whole, minilm.passage(begins)) > 0.5


def test_threads_side_by_side_get_what_each_gets_alone(minilm: MiniLM) -> None:
    texts = [f"text number {number} {'and more of it ' * (number % 7)}" for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(minilm.passage, texts)) == [minilm.passage(text) for text in texts]
