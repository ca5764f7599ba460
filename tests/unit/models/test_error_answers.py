"""What is read out of error answers, and what is left as somebody else's words."""

from typing import Any

import pytest

from retinue.models.faults.envelope import Complaint, complaints, inner, marks_of, said, unquoted


@pytest.mark.parametrize(
    "error", [{"error": {"message": "No.", "code": "x"}}, [{"error": {"message": "No.", "code": "x"}}]]
)
def test_an_error_is_read_out_of_its_envelope(error: Any) -> None:
    assert (said(error), inner(error)["code"], marks_of(error)) == ("No.", "x", {"x"})


def test_each_complaint_bears_the_parameter_that_it_names() -> None:
    told = [{"loc": ["body", "top_p"], "msg": "Extra", "type": "extra_forbidden", "input": {"msg": "theirs"}}]
    raw = '{"error": {"message": "No top_p.", "param": "top_p"}}'
    openrouters = {"error": {"message": "It failed", "metadata": {"raw": raw}}}
    assert [(one.text, one.param) for one in complaints({"detail": told})] == [("Extra", "body.top_p")]
    assert Complaint("No top_p.", "top_p", "  ") in list(complaints(openrouters))


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Unsupported: 'top_p' is not taken.", "Unsupported: 'top_p' is not taken."),
        ("This model's `top_p`, 'messages[0].role'", "This model's `top_p`, 'messages[0].role'"),
        ("Bad value 'x y': 'top_p' is not supported", "Bad value "),
        ('Bad value "top_p is not supported", "', "Bad value "),
        ("Bad value, input=top_p is not supported", "Bad value, "),
    ],
)
def test_what_a_message_quotes_of_the_request_is_not_its_own_word(text: str, own: str) -> None:
    assert unquoted(text) == own
