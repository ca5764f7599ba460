"""Words of documents: what they are, how they are kept, and how a query finds them."""

from retinue.knowledge.words.bags import Bags, TornBags, bags_of, bags_of_texts, pack, pack_texts, unpack
from retinue.knowledge.words.files import UnreadableIndex
from retinue.knowledge.words.index import Words
from retinue.knowledge.words.terms import terms_of

__all__ = [
    "Bags",
    "TornBags",
    "UnreadableIndex",
    "Words",
    "bags_of",
    "bags_of_texts",
    "pack",
    "pack_texts",
    "terms_of",
    "unpack",
]
