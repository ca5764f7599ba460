"""One reader for a whole file of tests: whatever one test does to it, the next finds it unharmed."""

from collections.abc import Iterator

import pytest

from knowledge.reading.readings import Readings


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readings]:
    readings = Readings(tmp_path_factory.mktemp("readings"))
    yield readings
    readings.close()
