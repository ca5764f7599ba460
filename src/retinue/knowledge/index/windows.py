"""A file's windows as they are stored, and as an index takes them in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from retinue.core.vector_store import Slab
from retinue.knowledge.index.codes import Codes, codes_of
from retinue.knowledge.words import Bags, unpack


class BadSlab(ValueError):
    """What is stored of a file is not what was written; it has to be indexed anew."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Windows:
    """All windows of a file, read."""

    codes: Codes
    bags: Sequence[Bags]

    def __len__(self) -> int:
        return len(self.codes)


def windows_of(slabs: Sequence[Slab], dimensions: int) -> Windows:
    """Read a file's slabs, which have to be complete; raises BadSlab."""
    ordered = sorted(slabs, key=lambda slab: slab.first)
    read = list(_read(ordered, dimensions))
    values = [codes.values for codes, _ in read] or [np.empty((0, dimensions), np.int8)]
    scales = [codes.scales for codes, _ in read] or [np.empty(0, np.float32)]
    codes = Codes(values=np.concatenate(values), scales=np.concatenate(scales))
    return Windows(codes=codes, bags=[bags for _, bags in read])


def _read(slabs: Sequence[Slab], dimensions: int) -> Iterator[tuple[Codes, Bags]]:
    expected = 0
    for slab in slabs:
        if slab.first != expected:
            raise BadSlab(f"A file's windows go on with {slab.first} after {expected}.")
        expected += slab.count
        if len(slab.vectors) != slab.count * dimensions * 2:
            raise BadSlab(f"{slab.count} vectors of {dimensions} dimensions are not {len(slab.vectors)} bytes.")
        bags = unpack(slab.terms)
        if len(bags) != slab.count:
            raise BadSlab(f"There are {slab.count} vectors, and terms of {len(bags)} windows.")
        vectors = np.frombuffer(slab.vectors, "<f2").reshape(slab.count, dimensions)
        yield codes_of(vectors.astype(np.float32)), bags
