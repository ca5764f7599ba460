"""What models write every day runs as it does elsewhere, and what can't be done says so."""

import textwrap
from collections.abc import AsyncIterator

import pytest

from retinue.sandbox.base import Limits, SandboxFault, Session
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.readable import readable
from sandbox.sessions import ran

QUIET = {
    "programs": """
        import subprocess
        commands = '''ls -la /mnt/data /tmp
            find . -name x
            grep -c . /etc/passwd
            echo x > x; wc -l x; cp -a x y; gzip -kf y; tar czf z.tgz x y; tar tzf z.tgz
            chmod 600 x; touch -d 2020-01-01 x; mkfifo /tmp/pipe; setsid true; nice -n 1 true; sync'''
        for command in commands.splitlines():
            done = subprocess.run(command, shell=True, capture_output=True, text=True)
            assert (done.returncode, done.stderr) == (0, ""), (command, done)
    """,
    "who and where it is": """
        import getpass, os, pathlib, platform, socket
        names = {getpass.getuser(), pathlib.Path(".").owner(), pathlib.Path(".").group(), socket.gethostname()}
        assert names == {"session"}, names
        assert os.path.expanduser("~") == "/mnt/data" == os.getcwd()
        assert len(open("/etc/passwd").readlines()) == 2
        assert os.cpu_count() and platform.platform() and os.getloadavg() and open("/proc/meminfo").read()
    """,
    "files and folders": """
        import os, pathlib, shutil, tempfile, zipfile
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "é").write_text("ü")
            shutil.copytree(folder, "/tmp/copied")
        shutil.copy2("/tmp/copied/é", "copied")
        shutil.move(shutil.make_archive("/tmp/packed", "zip", "/tmp/copied"), "packed.zip")
        assert zipfile.ZipFile("packed.zip").namelist() == ["é"]
        with tempfile.NamedTemporaryFile() as named, tempfile.TemporaryFile() as unnamed:
            named.write(b"x"), unnamed.write(b"x")
        os.utime("copied"), os.sync()
        assert shutil.disk_usage("/").total
    """,
    "a database": """
        import sqlite3
        with sqlite3.connect("some.db") as made:
            made.execute("pragma journal_mode = wal")
            made.execute("drop table if exists numbers")
            made.execute("create table numbers (one)")
            made.execute("insert into numbers values (1)")
        assert made.execute("select * from numbers").fetchall() == [(1,)]
    """,
    "processes and threads": """
        import asyncio, multiprocessing, concurrent.futures
        from multiprocessing import shared_memory
        def twice(number):
            return 2 * number
        with multiprocessing.Pool(3) as pool:
            assert pool.map(twice, range(3)) == [0, 2, 4]
        for kind in (concurrent.futures.ThreadPoolExecutor, concurrent.futures.ProcessPoolExecutor):
            with kind(2) as pool:
                assert list(pool.map(twice, range(3))) == [0, 2, 4]
        shared = shared_memory.SharedMemory(create=True, size=1000)
        shared.close(), shared.unlink()
        async def told():
            echo = await asyncio.create_subprocess_exec("echo", "x", stdout=asyncio.subprocess.PIPE)
            return (await echo.communicate())[0]
        assert asyncio.run(told()) == b"x\\n"
    """,
    "times and languages": """
        import datetime, locale, logging, unicodedata, zoneinfo
        locale.setlocale(locale.LC_ALL, "")
        assert locale.getpreferredencoding().lower() == "utf-8"
        datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Berlin")).astimezone().tzname()
        assert unicodedata.name("é") and logging.getLogger().handlers == []
    """,
    "what nobody can answer": """
        import socket, subprocess, sys, urllib.request, webbrowser
        def fault_of(attempt):
            try:
                return attempt()
            except (EOFError, OSError) as fault:
                return type(fault).__name__
        sys.stdout.flush()
        assert fault_of(lambda: input()) == "EOFError"
        assert webbrowser.open("https://example.com") is False
        assert fault_of(socket.socket) == "OSError"
        assert fault_of(lambda: urllib.request.urlopen("https://example.com")) == "URLError"
        assert socket.gethostbyname("localhost") == "127.0.0.1"
    """,
}
LIBRARIES = {
    "pandas": """
        import pandas
        table = pandas.DataFrame({"name": ["a", "b"], "number": [1, 2]})
        table.to_csv("table.csv"), table.to_json("table.json")
        assert pandas.read_csv("table.csv").shape == (2, 3) and pandas.read_json("table.json").shape == (2, 2)
    """,
    "openpyxl": """
        import openpyxl
        book = openpyxl.Workbook()
        book.active["A1"] = 1
        book.save("book.xlsx")
        assert openpyxl.load_workbook("book.xlsx").active["A1"].value == 1
    """,
    "matplotlib": """
        import os
        import matplotlib.pyplot
        matplotlib.pyplot.plot([1, 2])
        for kind in ("png", "svg", "pdf"):
            matplotlib.pyplot.savefig(f"chart.{kind}")
        matplotlib.pyplot.close()
        assert not [name for name in os.listdir() if name.startswith(".")]
    """,
    "PIL": """
        from PIL import Image, ImageDraw
        image = Image.new("RGB", (10, 10))
        ImageDraw.Draw(image).text((1, 1), "x")
        image.save("image.jpg")
    """,
    "sklearn": """
        import numpy
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.model_selection import cross_val_score
        numbers = numpy.random.rand(60, 3)
        scores = cross_val_score(RandomForestClassifier(5, n_jobs=2), numbers, numbers[:, 0] > 0.5, n_jobs=2)
    """,
    "scipy": """
        import scipy.linalg, scipy.optimize, scipy.signal, scipy.stats
        assert scipy.optimize.minimize(lambda place: (place**2).sum(), [1, 2]).success
    """,
    "sympy": """
        import sympy
        assert str(sympy.integrate(sympy.Symbol("x"))) == "x**2/2"
    """,
}


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    try:
        sandbox = await ForkServer.start(Limits(), libraries=[], readable=readable())
    except SandboxFault as fault:
        pytest.skip(f"this machine has no namespaces: {fault}")
    yield await sandbox.open()
    await sandbox.close()


@pytest.mark.parametrize("what", QUIET)
async def test_everyday_code_runs_and_nothing_complains(session: Session, what: str) -> None:
    for _ in range(2):  # what a call leaves behind is no trouble to the next one
        done = await ran(session, "import shutil, os\n" + CLEAR + textwrap.dedent(QUIET[what]))
        assert (done.error, done.text) == (None, "")


@pytest.mark.parametrize("library", LIBRARIES)
async def test_libraries_run_and_nothing_complains(session: Session, library: str) -> None:
    pytest.importorskip(library)
    done = await ran(session, textwrap.dedent(LIBRARIES[library]))
    assert (done.error, done.text) == (None, "")


async def test_installing_a_package_fails_at_once_and_says_why(session: Session) -> None:
    code = """
        import subprocess, sys
        subprocess.run([sys.executable, "-m", "pip", "install", "--target", "/tmp/there", "nothing-of-the-kind"])
        print("gone on")
    """
    done = await ran(session, textwrap.dedent(code))
    assert "gone on" in done.text
    assert done.error is None


CLEAR = """
for name in os.listdir("/tmp"):
    if os.path.isdir("/tmp/" + name):
        shutil.rmtree("/tmp/" + name, ignore_errors=True)
    else:
        os.unlink("/tmp/" + name)
"""
