import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.core.errors import NotStarted
from retinue.settings import Exposure, ModelSettings, PriceSettings, Reading, Settings, read


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "retinue.toml"


def settings_of(config: Path, text: str) -> Settings:
    config.write_text(text, "utf-8")
    return read({}, config=config).settings


def refusal_of(config: Path, text: str) -> str:
    """The sentence, without the file's folder."""
    with pytest.raises(NotStarted) as refused:
        settings_of(config, text)
    message = refused.value.message
    assert str(config) in message
    assert message.endswith((".", "?"))
    return message.replace(str(config), config.name)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[server]\nport = \n",
            "retinue.toml, line 2, column 8, can't be read: Invalid value."
            " `retinue config --example` prints one that can be read.",
        ),
        (
            "[server]\nprot = 1\n",
            "[server] in retinue.toml has the key 'prot', which is no setting. Did you mean port?",
        ),
        (
            "[window]\ncolour = 1\n",
            "[window] in retinue.toml has the key 'colour', which is no setting. There are: turns.",
        ),
        ("[sever]\n", "[sever] in retinue.toml is no table of settings. Did you mean server?"),
        ("[provider.groq]\n", "[provider] in retinue.toml is no table of settings. Did you mean providers?"),
        (
            "port = 1\n",
            "[port] in retinue.toml is no table of settings. The setting 'port' belongs below [server].",
        ),
        (
            "server = 1\n",
            "[server] in retinue.toml must be a table: [server] on a line, and its keys below.",
        ),
        ("[server]\nport = '80'\n", "[server] port (retinue.toml) is '80'; it must be a whole number from 0 to 65535."),
        ("[server]\nport = true\n", "[server] port (retinue.toml) is true; it must be a whole number from 0 to 65535."),
        (
            "[server]\nport = {}\n",
            "[server] port (retinue.toml) is a table; it must be a whole number from 0 to 65535.",
        ),
        ("[server]\nhost = ''\n", "[server] host (retinue.toml) is ''; it must be an address of this machine."),
        (
            "[server]\nhosts = ['http://a']\n",
            "[server] hosts (retinue.toml) is ['http://a']; it must be a list of which each is a host's name alone,"
            " without http://, port or path.",
        ),
        (
            "[models.about.a]\nprice = {prompt = 1}\n",
            "[models.about.a.price] in retinue.toml must have both prompt and completion, in US dollars for a million"
            " tokens.",
        ),
        (
            '[models.about."a.b"]\nimages = 1\n',
            '[models.about."a.b"] images (retinue.toml) is 1; it must be true or false.',
        ),
        (
            "[models.aliases]\nfast = []\n",
            "[models.aliases] fast (retinue.toml) is []; it must be a model's name, or a list of which each is"
            " a model's name.",
        ),
        (
            "[tools.expose]\nprojects = ['a']\n",
            "[tools.expose] in retinue.toml must stand in two pairs of brackets: [[tools.expose]].",
        ),
        (
            "[[tools.expose]]\nproject = ['a']\n",
            "[tools.expose] in retinue.toml has the key 'project', which is no setting. Did you mean projects?",
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place_and_remedy(config: Path, text: str, sentence: str) -> None:
    assert refusal_of(config, text) == sentence


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 5_000, "a = " + "9" * 5_000, "a = 2024-13-01", "[a]\n[a]", '"\\u001b" = 1']
)
def test_what_is_no_toml_of_ours_is_refused(config: Path, text: str) -> None:
    assert refusal_of(config, text).isprintable()


def test_what_comes_by_name_is_read(config: Path) -> None:
    settings = settings_of(
        config,
        """
        [models.aliases]
        fast = "groq/llama"
        "gpt-4.1" = ["first", "second"]
        [models.about."gpt-4.1"]
        context_tokens = 1_000_000
        images = false
        price = {prompt = 2, completion = 8.5}
        [[tools.expose]]
        projects = ["default"]
        [[tools.expose]]
        functions = ["weather"]
        assistants = ["asst_1", "team/asst_2"]
        """,
    )
    assert settings.aliases == {"fast": ("groq/llama",), "gpt-4.1": ("first", "second")}
    price = PriceSettings(prompt=2.0, completion=8.5)
    assert settings.models == {"gpt-4.1": ModelSettings(context_tokens=1_000_000, images=False, price=price)}
    assert settings.expose == (
        Exposure(projects=("default",)),
        Exposure(functions=("weather",), assistants=("asst_1", "team/asst_2")),
    )


def test_paths_are_relative_to_the_files_folder(config: Path, tmp_path: Path) -> None:
    text = (
        "[server]\ndata = 'data'\n[tools]\nmodules = ['a.py', '/b.py', '~/c.py']\n[rehearsal]\nscript = '../s.yaml'\n"
    )
    settings = settings_of(config, text)
    assert settings.data == tmp_path / "data"
    assert settings.tools == (tmp_path / "a.py", Path("/b.py"), Path("~/c.py").expanduser())
    assert settings.script == tmp_path / "../s.yaml"


def test_a_module_that_python_finds_by_its_name_is_no_path(config: Path, tmp_path: Path) -> None:
    modules = ["tools", "package.module", "tools.py", "folder/tools"]
    settings = settings_of(config, f"[tools]\nmodules = {modules}\n")
    assert settings.tools == (Path("tools"), Path("package.module"), tmp_path / "tools.py", tmp_path / "folder/tools")


def reading_in(tmp_path: Path, *places: str, **environment: str) -> Reading:
    """What is read in `folder` where these places have a file that sets as its port what number it is."""
    for number, place in enumerate(places, 1):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"[server]\nport = {number}\n", "utf-8")
    (tmp_path / "folder").mkdir(exist_ok=True)
    return read({"HOME": str(tmp_path), **environment}, folder=tmp_path / "folder")


def test_the_file_in_the_folder_goes_before_the_users_own(tmp_path: Path) -> None:
    own = ".config/retinue/retinue.toml"
    assert reading_in(tmp_path, "folder/retinue.toml", own).settings.port == 1


def test_the_users_own_file_is_found_in_the_platforms_place(tmp_path: Path) -> None:
    assert reading_in(tmp_path, ".config/retinue/retinue.toml").settings.port == 1
    xdg = {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert reading_in(tmp_path, ".config/retinue/retinue.toml", "xdg/retinue/retinue.toml", **xdg).settings.port == 2


def test_a_file_that_is_named_goes_before_those_that_are_found(tmp_path: Path) -> None:
    named = {"RETINUE_CONFIG": str(tmp_path / "named.toml")}
    assert reading_in(tmp_path, "folder/retinue.toml", "named.toml", **named).settings.port == 2
    (tmp_path / "folder/.env").write_text(f"RETINUE_CONFIG={tmp_path / 'named.toml'}\n", "utf-8")
    assert reading_in(tmp_path).settings.port == 2
    assert read(named, folder=tmp_path, config=tmp_path / "folder/retinue.toml").settings.port == 1


def test_a_file_that_is_named_and_not_there_is_refused(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.toml"
    with pytest.raises(NotStarted, match=r"nothing\.toml can't be read \(No such file or directory\)\. "):
        read({"RETINUE_CONFIG": str(nothing)})


def test_a_file_that_holds_no_text_is_refused_in_a_sentence(config: Path) -> None:
    for content in (b"\xff\xfe[\x00", b"\x00" * 2_000_000, "[server]".encode("utf-16")):
        config.write_bytes(content)
        with pytest.raises(NotStarted, match=r"retinue\.toml is "):
            read({}, config=config)


def test_a_folder_of_that_name_is_refused_in_a_sentence(config: Path, tmp_path: Path) -> None:
    config.mkdir()
    with pytest.raises(NotStarted, match=r"retinue\.toml can't be read "):
        read({}, folder=tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused_in_a_sentence(config: Path, tmp_path: Path) -> None:
    config.touch(mode=0)
    with pytest.raises(NotStarted, match=r"can't be read \(Permission denied\)"):
        read({}, folder=tmp_path)


def test_a_byte_order_mark_and_windows_line_ends_are_no_mistake(config: Path) -> None:
    config.write_bytes(b"\xef\xbb\xbf[server]\r\nport = 7\r\n")
    assert read({}, config=config).settings.port == 7


TABLES = st.sampled_from(["server", "models", "models.aliases", "models.about.a", "tools", "providers", "providers.p"])
KEYS = st.sampled_from(
    ["port", "hosts", "default", "fallback", "price", "key", "headers", "base_url", "expose", "about"]
)
VALUES = st.sampled_from(
    ["1", "-1", "true", '"a"', '""', "[]", "[[1]]", "{}", '{a = "$"}', "2024-01-01", "1e400", "nan"]
)


@given(st.lists(st.tuples(TABLES, KEYS, VALUES), max_size=3))
def test_whatever_a_file_says_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text("".join(f"{table}.{key} = {value}\n" for table, key, value in lines), "utf-8")
    with contextlib.suppress(NotStarted):
        assert read({}, config=path).document.path == path
