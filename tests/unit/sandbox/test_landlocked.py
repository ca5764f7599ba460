"""Whether sessions can be had behind Landlock is known before there is any."""

import os
from pathlib import Path

import pytest

from retinue.sandbox.inside.bounds import Bounds
from retinue.sandbox.inside.landlocked import Landlocked
from retinue.sandbox.kernel import landlock

BOUNDS = Bounds(memory_bytes=1 << 30, disk_bytes=1 << 20, inodes=100, processes=8)


@pytest.mark.parametrize(
    ("user", "version", "reason"),
    [
        (1000, 5, "Without a user of their own, sessions need Landlock of version 6"),
        (1000, 0, "This kernel has no Landlock"),
        (0, 0, "This kernel has no Landlock"),
    ],
)
def test_a_kernel_that_knows_too_little_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, user: int, version: int, reason: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(landlock, "version", lambda: version)
    fault = Landlocked([], BOUNDS, place=str(tmp_path)).fault(user + 1)
    assert fault is not None
    assert fault.startswith(reason)
