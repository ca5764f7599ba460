from hypothesis import given
from hypothesis import strategies as st

from retinue.knowledge.embedding.batches import batches


@given(st.lists(st.text(max_size=30)), st.integers(1, 5), st.integers(1, 40))
def test_every_text_is_in_one_batch_and_each_batch_in_its_bounds(texts: list[str], count: int, characters: int) -> None:
    made = [list(batch) for batch in batches(texts, count=count, characters=characters)]
    assert [text for batch in made for text in batch] == texts
    for batch in made:
        assert 1 <= len(batch) <= count
        assert len(batch) == 1 or sum(map(len, batch)) <= characters


def test_batches_are_as_full_as_they_may_be() -> None:
    texts = ["aaaa", "aaaa", "aaa", "a" * 50, "b"]
    assert list(batches(texts, count=3, characters=10)) == [["aaaa", "aaaa"], ["aaa"], ["a" * 50], ["b"]]
