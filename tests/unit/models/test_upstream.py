"""What of an upstream's words must not be seen."""

from unittest.mock import Mock

import pytest

from retinue.core.errors import ModelFault
from retinue.models.faults.faults import OPENAI_VARIABLES
from retinue.models.http.upstream import Upstream


@pytest.mark.parametrize(
    ("key", "said"),
    [("sk-12345", "ollama refused ***"), ("ollama", "ollama refused sk-12345"), ("", "ollama refused sk-12345")],
)
def test_a_key_is_hidden_unless_it_is_a_mere_word(key: str, said: str) -> None:
    upstream = Upstream("http://acme/v1", key, name="Acme", connect_seconds=1, remedies=OPENAI_VARIABLES)
    assert upstream.without_key("ollama refused sk-12345") == said


def test_a_coding_that_repeats_the_key_does_not_show_it() -> None:
    upstream = Upstream("http://acme/v1", "sk-12345", name="Acme", connect_seconds=1, remedies=OPENAI_VARIABLES)
    response = Mock(headers={"content-encoding": "my-sk-12345"})
    with pytest.raises(ModelFault, match=r"\(my-\*\*\*\)"):
        upstream.check_coding(response)
