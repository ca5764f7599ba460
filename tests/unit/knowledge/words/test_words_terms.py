"""What counts as the same word, and what a hostile text may cost."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.knowledge.words import terms as module
from retinue.knowledge.words import terms_of


def same(one: str, other: str) -> bool:
    return dict(terms_of(one)) == dict(terms_of(other))


def found_by(query: str, text: str) -> bool:
    """Whether every term of a query is in a text."""
    return bool(terms_of(query)) and terms_of(query).keys() <= terms_of(text).keys()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Running", "runs"),
        ("the flow of air", "air flow"),
        ("company's", "company"),
        ("don’t", "don't"),
        ("'quoted'", "quoted"),
        ("It ends here.", "It ends here"),
        ("café", "cafe"),
        ("cafe\u0301", "café"),
        ("Straße", "straße"),
        ("ﬁrst", "first"),
        ("ａｂｃ", "abc"),
        ("hyphen\u00adation", "hyphenation"),
        ("boundary-layer", "boundary layer"),
        ("(x, y)", "x y"),
    ],
)
def test_forms_of_a_word_are_one_term(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("open file", "Store.openFile(path)"),
        ("openfile", "openFile"),
        ("openFile", "self.openFile()"),
        ("max_num_results", "ranking.max_num_results = 5"),
        ("results", "max_num_results"),
        ("HTTP server", "class HTTPServer:"),
        ("os.path.join", "x = os.path.join(a, b)"),
        ("join", "os.path.join"),
        ("private", "__private__"),
        ("3.14", "pi is 3.14, about"),
        ("1958", "j. ae. scs. 25, 1958, 324."),
        ("東京", "東京都の人口"),
        ("人口", "東京都の人口"),
        ("ภาษา", "ฉันพูดภาษาไทย"),
        ("한국", "한국어는"),
        ("हिन्दी", "यह हिन्दी है।"),
        ("привет", "Привет, мир"),
        ("Zeppelin", "Zeppelin東京"),
        ("avion", "l'avion"),
    ],
)
def test_a_query_finds_the_text_that_says_it(query: str, text: str) -> None:
    assert found_by(query, text)


def test_words_are_counted() -> None:
    assert sorted(terms_of("flow, flows and flowing air").values()) == [1, 3]


def test_stop_words_are_no_terms() -> None:
    assert not terms_of("What is the, of and to?")


def test_terms_are_the_same_on_every_machine() -> None:
    assert dict(terms_of("laminar Flows 東京")) == {2451981039: 1, 1388369520: 1, 3053093561: 1}


def test_a_run_without_spaces_is_cut_and_not_kept() -> None:
    counts = terms_of("a1" * 50_000)
    assert len(counts) <= 3
    assert not any(len(word) > module.WORD_CHARACTERS for word in module._known)


def test_what_is_kept_of_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KNOWN_WORDS", 100)
    before = [terms_of(f"word{n}") for n in range(300)]
    assert len(module._known) <= 100
    assert [terms_of(f"word{n}") for n in range(300)] == before


@given(st.text(st.characters()))
def test_any_text_has_terms_that_fit_32_bits(text: str) -> None:
    counts = terms_of(text)
    assert all(0 <= term < 2**32 and count > 0 for term, count in counts.items())


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_text_has_the_same_terms_among_other_scripts(text: str) -> None:
    """The short way for plain text must not be another way."""
    assert dict(terms_of(text)) == Counter(module._terms(module._WORD.findall(text)))
