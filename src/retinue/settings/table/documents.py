"""Settings of documents and how they are searched."""

from retinue.settings.kinds import Integer, Text
from retinue.settings.table.setting import Setting

DOCUMENTS = (
    Setting(
        "embedding_model",
        Text("a model's name"),
        "What embeds files of new vector stores: the built-in model, or one that a provider has.",
        "documents.embedding_model",
        "RETINUE_EMBEDDING_MODEL",
    ),
    Setting(
        "embedding_dimensions",
        Integer(1, 65_536),
        "How many numbers a provider's model is to give for a text, where it leaves the choice.",
        "documents.embedding_dimensions",
        "RETINUE_EMBEDDING_DIMENSIONS",
        example="1024",
    ),
    Setting(
        "index_memory_mb",
        Integer(1, 1_000_000),
        "MB that the indexes of searched vector stores may take; those that were not searched for the longest leave.",
        "documents.index_memory_mb",
        "RETINUE_INDEX_MEMORY_MB",
    ),
)
