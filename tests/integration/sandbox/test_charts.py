"""Charts, and the libraries that code finds."""

from collections.abc import AsyncIterator

import pytest

from retinue.sandbox.base import Limits, SandboxFault, Session
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.libraries import LIBRARIES, PRELOADED, missing_libraries
from retinue.sandbox.readable import readable
from sandbox.sessions import ran

pytestmark = pytest.mark.skipif(bool(missing_libraries()), reason="the extra `interpreter` is not installed")


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    try:
        server = await ForkServer.start(Limits(), libraries=PRELOADED, readable=readable())
    except SandboxFault as fault:
        pytest.skip(f"this machine has no namespaces: {fault}")
    assert not server.missing
    yield await server.open()
    await server.close()


async def test_a_chart_is_drawn_and_nothing_else_is_said(session: Session) -> None:
    drawn = await ran(session, "import matplotlib.pyplot as plt\nplt.bar(['a', 'b'], [1, 2])\nplt.title('é')\nNone")
    assert (drawn.text, drawn.error) == ("", None)
    (png,) = drawn.charts
    assert png.startswith(b"\x89PNG")


async def test_of_many_charts_the_others_are_counted(session: Session) -> None:
    code = (
        "import matplotlib.pyplot as plt\nplt.rcParams['figure.max_open_warning'] = 0\nfor n in range(23): plt.figure()"
    )
    drawn = await ran(session, code)
    assert len(drawn.charts) == 20
    assert drawn.text == "Only 20 charts of a call are shown; 3 more were left out.\n"


async def test_a_font_that_is_not_there_is_another_one_without_a_word(session: Session) -> None:
    code = """
import matplotlib.pyplot as plt
plt.rcParams["font.family"] = "No Such Font"
plt.title("a")
plt.savefig("a")
"""
    drawn = await ran(session, code)
    assert (drawn.text, len(drawn.charts)) == ("", 1)


async def test_characters_without_a_glyph_are_said_once(session: Session) -> None:
    code = "import matplotlib.pyplot as plt\nplt.title('\\U0001f9ff\\U0001f9fe')\nplt.savefig('chart.png')"
    drawn = await ran(session, code)
    assert drawn.text.count("drawn as boxes") == 1
    assert "Glyph" not in drawn.text


async def test_warnings_of_the_codes_own_are_kept(session: Session) -> None:
    assert "look out" in (await ran(session, "import warnings\nwarnings.warn('look out')")).text


async def test_all_libraries_can_be_imported_and_leave_no_files(session: Session) -> None:
    done = await ran(session, f"import {', '.join(LIBRARIES)}, scipy.stats, sklearn.linear_model\nNone")
    assert (done.text, done.error) == ("", None)
    assert await session.files() == []
