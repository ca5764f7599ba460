from collections.abc import Callable
from pathlib import Path

import pytest

from retinue.blobs import Blobs
from retinue.blobs.folder import BlobFolder
from retinue.blobs.memory import MemoryBlobs

Opened = Callable[[], Blobs]


def folder(root: Path) -> Opened:
    return lambda: BlobFolder(root / "blobs")


def memory(root: Path) -> Opened:
    kept: dict[str, bytes] = {}
    return lambda: MemoryBlobs(kept)


BACK_ENDS: list[Callable[[Path], Opened]] = [folder, memory]
"""Each gives what opens a store, empty at first, as one process after the other would; every test of the contract runs
over each of them."""


@pytest.fixture(params=BACK_ENDS, ids=lambda back_end: back_end.__name__)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    made: Opened = request.param(tmp_path)
    return made


@pytest.fixture
def blobs(opened: Opened) -> Blobs:
    return opened()
