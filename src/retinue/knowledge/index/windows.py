"""A file's windows as they are stored, and as an index takes them in."""

from collections.abc import Sequence

import numpy as np

from retinue.core.vector_store import Slab
from retinue.knowledge.index.codes import Codes, codes_of
from retinue.knowledge.words import Bags, TornBags, unpack


class BadSlab(ValueError):
    """What is stored of a file is not what was written; it has to be indexed anew."""


class Windows:
    """All windows of a file, read some slabs at a time. Of the vectors that are stored only the codes are kept."""

    def __init__(self, dimensions: int) -> None:
        self.codes: list[Codes] = []
        self.bags: list[Bags] = []
        self._dimensions = dimensions
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, slabs: Sequence[Slab]) -> None:
        """Read slabs that follow those before them; raises BadSlab."""
        for slab in slabs:
            if slab.first != self._count:
                raise BadSlab(f"A file's windows go on with {slab.first} after {self._count}.")
            self.codes.append(_codes(slab, self._dimensions))
            self.bags.append(_bags(slab))
            self._count += slab.count


def _codes(slab: Slab, dimensions: int) -> Codes:
    if len(slab.vectors) != slab.count * dimensions * 2:
        raise BadSlab(f"{slab.count} vectors of {dimensions} dimensions are not {len(slab.vectors)} bytes.")
    return codes_of(np.frombuffer(slab.vectors, "<f2").reshape(slab.count, dimensions).astype(np.float32))


def _bags(slab: Slab) -> Bags:
    try:
        bags = unpack(slab.terms)
    except TornBags as fault:
        raise BadSlab(f"The terms of {slab.count} windows can't be read: {fault}.") from fault
    if len(bags) != slab.count:
        raise BadSlab(f"There are {slab.count} vectors, and terms of {len(bags)} windows.")
    return bags
