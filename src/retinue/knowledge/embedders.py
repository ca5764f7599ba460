"""The models that make vectors here: the one that new vector stores get, and those that older ones may hold."""

from collections.abc import Sequence

from retinue.core.errors import RetinueError
from retinue.core.vector_store import Embedding
from retinue.knowledge.embedding import Embedder

_ANY = "How many numbers does a vector have?"


class OtherModel(RetinueError):
    """A vector store holds the vectors of a model that this server does not have; the message names it."""


class Embedders:
    """Finds the model whose vectors a vector store holds: others' say nothing to it."""

    def __init__(self, usual: Embedder, others: Sequence[Embedder] = ()) -> None:
        """`usual` is that of new vector stores."""
        self._all = (usual, *others)

    async def usual(self) -> Embedding:
        """Return whose vectors a new vector store will hold; raises EmbeddingFault where the model has to be asked."""
        return await _embedding(self._all[0])

    async def of(self, embedding: Embedding) -> Embedder:
        """Return the model that makes these vectors; raises OtherModel, and EmbeddingFault as `usual` does."""
        for embedder in self._all:
            if embedder.model == embedding.model and await _embedding(embedder) == embedding:
                return embedder
        usual = self._all[0]
        what = "RETINUE_EMBEDDING_DIMENSIONS" if usual.model == embedding.model else "RETINUE_EMBEDDING_MODEL"
        raise OtherModel(
            f"The vector store holds vectors of {embedding.model} with {embedding.dimensions} dimensions, and this "
            f"server embeds with {usual.model} ({usual.dimensions or 'not asked yet'}). Set {what} as it was, or put "
            "the files into a new vector store."
        )

    async def close(self) -> None:
        """Let go of what the models hold."""
        for embedder in self._all:
            await embedder.close()


async def _embedding(embedder: Embedder) -> Embedding:
    if embedder.dimensions is None:
        await embedder.embed_queries([_ANY], project="")
    assert embedder.dimensions is not None, "a model that has answered knows how many numbers its vectors have"
    return Embedding(model=embedder.model, dimensions=embedder.dimensions)
