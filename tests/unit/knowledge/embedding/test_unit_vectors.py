import math
import struct
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.knowledge.embedding.vectors import Unfit, unit, written


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1).filter(lambda given: math.hypot(*given) > 1e-3))
def test_numbers_and_their_base64_come_out_the_same_at_length_one(given_numbers: list[float]) -> None:
    vector = unit(given_numbers)
    assert math.isclose(math.hypot(*vector), 1)
    assert unit(b64encode(struct.pack(f"<{len(given_numbers)}f", *given_numbers)).decode()) == vector


@pytest.mark.parametrize(
    "given_numbers",
    [[], [0.0, 0.0], [1.0, math.nan], [math.inf, 1.0], "", "AAA", "not base64", "AAAAAAA=", "é"],
)
def test_what_is_no_vector_is_told_so(given_numbers: list[float] | str) -> None:
    with pytest.raises(Unfit):
        unit(given_numbers)


def test_a_vector_is_written_in_two_bytes_a_number_or_in_four() -> None:
    assert written([1.0, -0.5], "e") == bytes.fromhex("003c00b8")
    assert written([1.0, -0.5], "f") == bytes.fromhex("0000803f000000bf")
