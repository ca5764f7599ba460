"""Questions as what is searched for."""

import pytest

from retinue.core.rewriting import keywords


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("Could you please tell me what the main goals of the project are?", "main goals project"),
        ("I'd like to know the height of the main office building.", "height main office building"),
        ("Hello! How do I reach the help desk, please?", "reach help desk"),
        ("copper from Valparaiso", "copper from Valparaiso"),
        ("Wie hoch ist der Turm?", "Wie hoch ist der Turm"),
        ("What is it?", "What is it?"),
        ("?", "?"),
    ],
)
def test_politeness_and_question_words_are_left_out(question: str, searched: str) -> None:
    assert keywords(question) == searched
