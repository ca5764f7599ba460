"""Whose vectors a store holds: the sentence where this server has no such model names the setting."""

import pytest

from knowledge.hashed import HashedEmbedder
from retinue.core.vector_store import Embedding
from retinue.knowledge.embedders import Embedders, OtherModel


@pytest.mark.parametrize(
    ("model", "setting"), [("hashed", "RETINUE_EMBEDDING_DIMENSIONS"), ("other", "RETINUE_EMBEDDING_MODEL")]
)
async def test_what_has_to_be_set_for_a_store_of_another_model_is_named(model: str, setting: str) -> None:
    with pytest.raises(OtherModel) as caught:
        await Embedders(HashedEmbedder(dimensions=64)).of(Embedding(model=model, dimensions=256))
    assert f"Set {setting} as it was" in caught.value.message
    assert "hashed (64)" in caught.value.message
