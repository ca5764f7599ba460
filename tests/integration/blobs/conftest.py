from collections.abc import Callable
from pathlib import Path

import pytest

from retinue.blobs import Blobs
from retinue.blobs.folder import BlobFolder
from retinue.blobs.memory import MemoryBlobs


def folder(root: Path) -> Blobs:
    return BlobFolder(root / "blobs")


def memory(root: Path) -> Blobs:
    return MemoryBlobs()


BACK_ENDS: list[Callable[[Path], Blobs]] = [folder, memory]
"""Each opens an empty store; every test of the contract runs over each of them."""


@pytest.fixture(params=BACK_ENDS, ids=lambda back_end: back_end.__name__)
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    opened: Blobs = request.param(tmp_path)
    return opened
