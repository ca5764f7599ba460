"""What is private though a path above it can be read is not there for a session."""

from pathlib import Path

import pytest

from retinue.sandbox.base import Limits, SandboxFault, Session
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.readable import readable
from sandbox.sessions import ran


async def told(session: Session, path: Path) -> str:
    code = f"import os\npath = {str(path)!r}\nprint(os.listdir(path) if os.path.isdir(path) else open(path).read())"
    done = await ran(session, code)
    return done.text + str(done.error or "")


async def test_private_paths_below_readable_ones_are_hidden_but_for_what_of_them_can_be_read(tmp_path: Path) -> None:
    shared, data = tmp_path / "shared", tmp_path / "shared" / "data"
    (data / "library").mkdir(parents=True)
    (shared / "known.txt").write_text("known")
    (shared / ".env").write_text("KEY=1")
    (data / "secret.txt").write_text("secret")
    (data / "library" / "code.py").write_text("code")
    (tmp_path / "link").symlink_to(data)
    paths = [*readable(), str(shared), str(data / "library")]
    try:
        sandbox = await ForkServer.start(
            Limits(), libraries=[], readable=paths, hidden=[str(tmp_path / "link"), str(shared / ".env")]
        )
    except SandboxFault as fault:
        pytest.skip(f"this machine has no namespaces: {fault}")
    session = await sandbox.open()
    assert await told(session, shared / "known.txt") == "known\n"
    assert await told(session, data / "library" / "code.py") == "code\n"
    assert "secret" not in await told(session, data)
    assert "Error" in await told(session, data / "secret.txt")
    assert "Permission denied" in await told(session, shared / ".env")
    assert "Error" in str((await ran(session, f"open({str(data / 'new')!r}, 'w')")).error)
    await sandbox.close()
    assert (data / "secret.txt").read_text() == "secret"
