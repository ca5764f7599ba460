"""Vector stores as the API tells them."""

from retinue.api.vector_stores import render
from retinue.core.vector_store import Embedding, VectorStore


def test_a_store_tells_whose_it_is_and_whose_vectors_it_holds() -> None:
    of_thread = VectorStore(id="vs_1", created_at=1, thread_id="thread_1", embedding=Embedding(model="m", dimensions=3))
    of_assistant = VectorStore(id="vs_2", created_at=1, assistant_id="asst_1")
    assert render.store(of_thread)["retinue"] == {
        "thread_id": "thread_1",
        "embedding": {"model": "m", "dimensions": 3},
    }
    assert render.store(of_assistant)["retinue"] == {"assistant_id": "asst_1"}
    assert "retinue" not in render.store(VectorStore(id="vs_3", created_at=1))
