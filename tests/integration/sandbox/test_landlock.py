"""Sessions without namespaces: what is different about them, and what code tries that only they must withstand."""

import asyncio
import os
import select
import signal
import tempfile
import textwrap
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from retinue.sandbox.base import Limits, SandboxFault, Session
from retinue.sandbox.fork_server import ForkServer
from sandbox.houses import HOUSES, House
from sandbox.sessions import descendants, ran

LIMITS = Limits(call_s=20.0, disk_bytes=16 << 20, inodes=500, processes=20)


@pytest.fixture(params=[house for house in HOUSES if house.walls == "landlock"], ids=str)
def house(request: pytest.FixtureRequest) -> House:
    return cast("House", request.param)


@pytest.fixture
def place() -> Iterator[Path]:
    """Where fork servers make their folders: everybody can go there, unlike where pytest makes its own."""
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        place.chmod(0o1777)
        yield place


@pytest.fixture
async def sandbox(house: House, place: Path, tmp_path: Path) -> AsyncIterator[ForkServer]:
    async with house.sandbox(LIMITS, tmp_path, place=place) as sandbox:
        yield sandbox


@pytest.fixture
async def session(sandbox: ForkServer) -> Session:
    return await sandbox.open()


async def test_a_server_that_dies_before_it_hears_an_answer_leaves_no_folder(
    house: House, place: Path, tmp_path: Path
) -> None:
    async with house.sandbox(LIMITS, tmp_path, place=place) as sandbox:
        asyncio.get_running_loop().remove_reader(sandbox._control)
        opening = asyncio.ensure_future(sandbox.open())
        await asyncio.to_thread(select.select, [sandbox._control], [], [])  # the answer that nobody will read
        opening.cancel()
        await asyncio.wait([opening])
        sandbox._control.close()
        await sandbox._process.wait()
        assert list(place.iterdir()) == []


async def test_the_folder_goes_by_the_name_that_code_knows(session: Session) -> None:
    code = """
        import os, subprocess
        name = "out"
        open(f"/mnt/data/{name}.txt", "w").write("found")
        print(open(b"/mnt/data/out.txt").read(), subprocess.getoutput("cat /mnt/data/out.txt; echo; pwd"))
        print("See /mnt/data/out.txt, not /other/mnt/data-set.", os.path.expanduser("~"))
        os.getcwd(), "/mnt/data.csv"
    """
    text = (await ran(session, textwrap.dedent(code))).text
    assert text == (
        "found found\n/mnt/data\nSee /mnt/data/out.txt, not /other/mnt/data-set. /mnt/data\n"
        "('/mnt/data', '/mnt/data.csv')\n"
    )
    assert [file.path for file in await session.files()] == ["out.txt"]


async def test_an_error_names_the_folder_as_code_does(session: Session) -> None:
    error = (await ran(session, "open('/mnt/data/missing')")).error
    assert error is not None
    assert "No such file or directory: '/mnt/data/missing'" in error


async def test_what_is_printed_in_pieces_is_shown_whole(session: Session) -> None:
    code = "import os\nfor letter in os.getcwd() + '/x' + os.getcwd()[:9]: os.write(1, letter.encode())"
    assert (await ran(session, code)).text.startswith("/mnt/data/x/")


async def test_scratch_files_have_a_folder_beside(session: Session) -> None:
    code = "import tempfile\nopen(tempfile.mkstemp()[1], 'w').write('x')\nprint(tempfile.gettempdir()[-4:])"
    assert (await ran(session, code)).text == "/tmp\n"
    assert await session.files() == []


@pytest.mark.parametrize(
    "write",
    [
        "for number in range(100): open(str(number), 'wb').write(bytes(1 << 20))",
        "for number in range(5_000): open(str(number), 'w').close()",
        "kept = [open('x', 'wb') for _ in range(20) if not os.path.exists('x') or not os.unlink('x')]\n"
        "for file in kept: file.write(bytes(2 << 20)); file.flush()",
        "for _ in range(1_000):\n    os.mkdir('d')\n    os.chdir('d')",
        "os.mkdir('closed', 0o300)\nopen('closed/x', 'wb').write(bytes(1 << 20))",
    ],
    ids=["bytes", "files", "files without names", "folders", "closed folders"],
)
async def test_code_that_fills_the_disk_is_ended_and_what_it_wrote_goes(session: Session, write: str) -> None:
    await session.write("before.txt", b"kept")
    error = (await ran(session, f"import os, time\n{write}\ntime.sleep(15)")).error
    assert error is not None
    assert "16 MB of files" in error
    assert sum(file.size for file in await session.files()) <= 16 << 20
    assert (await ran(session, "open('/mnt/data/after.txt', 'w').write('x')")).error is None


async def test_the_server_can_not_fill_the_disk_either(session: Session) -> None:
    await session.write("large", bytes(10 << 20))
    with pytest.raises(SandboxFault, match="No space"):
        await session.write("large", bytes(10 << 20), more=True)


async def test_too_many_processes_are_ended(session: Session) -> None:
    code = """
        import os, time
        try:
            for _ in range(40):
                if os.fork() == 0:
                    time.sleep(15)
        except OSError:
            print("stopped")
            raise
        time.sleep(15)
    """
    ended = await ran(session, textwrap.dedent(code))
    assert "stopped" in ended.text or "more than 20 processes" in str(ended.error)
    assert (await ran(session, "6 * 7")).text == "42\n"


REACHING = """
import ctypes, os, signal
libc = ctypes.CDLL(None, use_errno=True)

def escapes(what, attempt):
    try:
        attempt()
        print("ESCAPE", what)
    except OSError as fault:
        print("ok", what, fault)

for pid in {pids}:
    for number in (0, signal.SIGCONT, signal.SIGSTOP, signal.SIGKILL):
        escapes(f"kill {{pid}} {{number}}", lambda: os.kill(pid, number))
    escapes("killpg", lambda: os.killpg(pid, 0))
    escapes("pidfd", lambda: signal.pidfd_send_signal(os.pidfd_open(pid), 0))
    escapes("setpriority", lambda: os.setpriority(os.PRIO_PROCESS, pid, 10))
    escapes("affinity", lambda: os.sched_setaffinity(pid, {{0}}))
    escapes("environ", lambda: open(f"/proc/{{pid}}/environ").read())
    for call in (200, 234, 129, 297):
        if libc.syscall(call, pid, pid if call == 234 else 0, 0, 0) == 0:
            print("ESCAPE", call)
    if libc.ptrace(16, pid, 0, 0) == 0 or libc.ptrace(0x4206, pid, 0, 0) == 0:
        print("ESCAPE ptrace")
for path in {paths}:
    escapes(f"read {{path}}", lambda: open(path, "rb").read())
    escapes(f"write {{path}}", lambda: open(path, "ab"))
    escapes(f"list {{path}}", lambda: os.listdir(path))
    escapes(f"truncate {{path}}", lambda: os.truncate(path, 0))
    escapes(f"unlink {{path}}", lambda: os.unlink(path))
    escapes(f"rename {{path}}", lambda: os.rename(path, "taken"))
    escapes(f"link {{path}}", lambda: os.link(path, "linked"))
    escapes(f"make {{path}}", lambda: open(path + ".new", "w"))
    for attempt in (lambda: os.chmod(path, 0), lambda: os.utime(path, (1, 1)), lambda: os.chown(path, 1, 1)):
        try:
            attempt()
        except OSError:
            pass
"""


async def test_nobody_and_nothing_outside_is_reached(sandbox: ForkServer, place: Path) -> None:
    other, session = await sandbox.open(), await sandbox.open()
    await other.write("secret.txt", b"OTHER")
    folder = place / "folder"
    folder.mkdir()
    secret = folder / "secret.txt"
    secret.write_text("HOST")
    for path in (folder, secret):
        path.chmod(0o777)
    files = [secret, next(place.glob("*/1/data/secret.txt")), Path("/etc/passwd"), folder]
    before = [path.stat() for path in files]
    pids = [os.getpid(), sandbox.pid, *descendants(sandbox.pid), 1, os.getppid()]
    own = (await ran(session, "import os\n[os.getpid()]")).text
    others = [pid for pid in pids if pid not in eval(own)]
    text = (await ran(session, REACHING.format(pids=others, paths=[str(path) for path in files]))).text
    assert "ok" in text
    assert "ESCAPE" not in text
    for path, about in zip(files, before, strict=True):
        assert (path.stat().st_mode, path.stat().st_uid, path.stat().st_size) == (
            about.st_mode,
            about.st_uid,
            about.st_size,
        )
        assert path.stat().st_mtime != 1
    assert (await ran(other, "6 * 7")).text == "42\n"


HOPPING = """
import os, signal, time
for _ in range(8):
    if os.fork() == 0:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        while True:
            if os.fork():
                os._exit(0)
time.sleep(0.2)
"""


async def test_who_never_stays_the_same_process_is_ended_with_the_call(session: Session, sandbox: ForkServer) -> None:
    before = set(descendants(sandbox.pid))
    await ran(session, HOPPING)
    assert len(set(descendants(sandbox.pid))) == len(before) == 2  # the keeper and the worker, maybe another one


async def test_a_session_ends_with_all_its_processes_and_files(sandbox: ForkServer, place: Path) -> None:
    session = await sandbox.open()
    sessions = {os.getsid(pid) for pid in descendants(sandbox.pid)}
    going = asyncio.ensure_future(ran(session, HOPPING + "\nprint('going', flush=True)\ntime.sleep(15)"))
    await asyncio.wait({going}, timeout=1.0)
    await session.close()
    await asyncio.gather(going, return_exceptions=True)
    await _until(lambda: not _alive(sessions) and not list(place.glob("*/1*")))


@pytest.mark.parametrize("killed", ["keeper", "fork server"])
async def test_what_loses_its_keeper_ends(sandbox: ForkServer, session: Session, killed: str) -> None:
    below = set(descendants(sandbox.pid))
    keeper = next(pid for pid in below if os.getsid(pid) == pid)
    call = ran(session, "import os, time\nos.system('sleep 100 &')\nos.fork()\nprint('x', flush=True)\ntime.sleep(100)")
    going = asyncio.ensure_future(call)
    await _until(lambda: len(_alive({keeper})) >= 4)
    os.kill(keeper if killed == "keeper" else sandbox.pid, signal.SIGKILL)
    with pytest.raises(SandboxFault):
        await going
    await _until(lambda: not _alive({keeper}))


async def test_what_a_killed_server_left_goes_when_the_next_starts(house: House, place: Path, tmp_path: Path) -> None:
    async with house.sandbox(LIMITS, tmp_path, place=place) as first:
        session = await first.open()
        await ran(session, "import os\nfor _ in range(100):\n    os.mkdir('d')\n    os.chdir('d')")
        keepers = {os.getsid(pid) for pid in descendants(first.pid)}
        first.kill()
        await _until(lambda: not _alive(keepers))
        (left,) = place.iterdir()
        async with house.sandbox(LIMITS, tmp_path, place=place) as second:
            assert not left.exists()
            assert (await ran(await second.open(), "1")).text == "1\n"
    assert list(place.iterdir()) == []


def _alive(sessions: set[int]) -> list[int]:
    alive = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                state, _, _, session, *_ = (each / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(session) in sessions and state != "Z":
                alive.append(int(each.name))
    return alive


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)
