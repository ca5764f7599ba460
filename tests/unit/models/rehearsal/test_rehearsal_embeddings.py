import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.models.rehearsal.embeddings import embedding


def nearness(one: str, other: str, dimensions: int = 256) -> float:
    return sum(a * b for a, b in zip(embedding(one, dimensions), embedding(other, dimensions), strict=True))


@given(st.text(min_size=1), st.integers(1, 512))
def test_every_text_has_a_vector_of_length_one(text: str, dimensions: int) -> None:
    vector = embedding(text, dimensions)
    assert len(vector) == dimensions
    assert math.isclose(math.hypot(*vector), 1)
    assert vector == embedding(text, dimensions)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("The cat sat on the mat", "A cat is sitting on a mat", "Quantum physics of light"),
        ("How do I reset my password?", "Resetting the password", "Our office in Rome"),
        ("refund policy for broken goods", "What is the policy on refunds?", "How tall is a giraffe?"),
        ("Grüße aus Köln", "grüße", "nothing of that"),
    ],
)
def test_texts_that_share_words_are_nearer(text: str, near: str, far: str) -> None:
    assert nearness(text, near) > 0.4 > 0.2 > nearness(text, far)


def test_words_that_say_nothing_count_little() -> None:
    assert nearness("the of and with cats", "the of and with dogs") < 0.2
    assert nearness("cats", "the cats and with") > 0.9


def test_texts_without_words_differ() -> None:
    assert nearness("!!!", "???") < 0.9
