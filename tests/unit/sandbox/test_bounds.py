"""A session's limits, beside those of whoever started the server."""

import subprocess
import sys

import pytest

LIMITED = """
import resource
from retinue.sandbox.inside.bounds import Bounds, limit
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
limit(Bounds(memory_bytes=1 << 30, disk_bytes=1 << 20, inodes=10, processes=10), counted=False)
print(resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrlimit(resource.RLIMIT_FSIZE))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits are read from /proc")
def test_a_stricter_limit_of_the_server_stays_as_it_is() -> None:
    told = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True).stdout
    assert told == "(100, 100) (1048576, 1048576)\n"
