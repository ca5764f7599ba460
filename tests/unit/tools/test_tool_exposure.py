"""Who may have which functions run: never by a mere equal name."""

import pytest
from msgspec import structs

from retinue.app.tools import open_registry
from retinue.core.errors import NotStarted
from retinue.settings import Exposure, Settings, read_settings
from retinue.tools import Exposed, tool
from retinue.tools.exposure import Rule
from retinue.tools.registry import Registry


@tool(idempotent=True)
def get_weather(city: str) -> str:
    """Tell the weather."""
    return city


@tool
def get_time() -> str:
    """Tell the time."""
    return "noon"


ALL = ("get_weather", "get_time")


def registry(*rules: Rule) -> Registry:
    return Registry([get_weather, get_time], list(rules))


def rule(*functions: str, projects: tuple[str, ...] = (), assistants: tuple[tuple[str, str], ...] = ()) -> Rule:
    return Rule(functions=functions or ("*",), projects=frozenset(projects), assistants=frozenset(assistants))


CASES: list[tuple[list[Rule], str, str, tuple[str, ...]]] = [
    ([], "default", "asst_1", ()),
    ([rule()], "default", "asst_1", ()),
    ([rule(projects=("default",))], "default", "asst_1", ALL),
    ([rule(projects=("default",))], "other", "asst_1", ()),
    ([rule("get_weather", projects=("default",))], "default", "asst_1", ("get_weather",)),
    ([rule("*_weather", projects=("default",))], "default", "asst_1", ("get_weather",)),
    ([rule("get_[tw]*e?", projects=("default",))], "default", "asst_1", ("get_weather",)),
    ([rule(assistants=(("default", "asst_1"),))], "default", "asst_1", ALL),
    ([rule(assistants=(("default", "asst_1"),))], "default", "asst_2", ()),
    ([rule(assistants=(("default", "asst_1"),))], "other", "asst_1", ()),
    ([rule("get_time", projects=("a",)), rule("get_weather", assistants=(("a", "x"),))], "a", "x", ALL),
    ([rule("get_time", projects=("a",)), rule("get_weather", assistants=(("a", "x"),))], "a", "y", ("get_time",)),
]


@pytest.mark.parametrize(("rules", "project", "assistant_id", "served"), CASES)
def test_function_is_served_where_a_rule_says_so(
    rules: list[Rule], project: str, assistant_id: str, served: tuple[str, ...]
) -> None:
    assert registry(*rules).served(project, assistant_id, [*ALL, "theirs"]) == served


def test_function_that_is_not_declared_is_not_served() -> None:
    assert registry(rule(projects=("default",))).served("default", "asst_1", ["get_time"]) == ("get_time",)


def test_project_is_shown_what_runs_for_it_and_nothing_else() -> None:
    rules = [rule("get_time", projects=("a",)), rule(assistants=(("a", "x"), ("a", "b"), ("c", "x")))]
    assert registry(*rules).exposed("a") == (
        Exposed(name="get_weather", assistants=("b", "x")),
        Exposed(name="get_time", assistants=None),
    )
    assert [exposed.assistants for exposed in registry(*rules).exposed("c")] == [("x",), ("x",)]
    assert registry(*rules).exposed("other") == ()


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("get_wether", "Did you mean 'get_weather'"),
        ("zzz", "There are: get_time, get_weather"),
        ("set_*", "There are"),
        ("get.weather", "Did you mean"),
    ],
)
def test_function_that_there_is_not_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(NotStarted, match=why):
        registry(rule(pattern, projects=("default",)))


def test_functions_of_no_module_are_refused_with_the_remedy() -> None:
    with pytest.raises(NotStarted, match=r"--tools mytools\.py"):
        Registry([], [rule("get_weather")])


def settings(**said: object) -> Settings:
    return structs.replace(read_settings({}), **said)


@pytest.mark.parametrize(
    ("assistant", "project", "assistant_id"),
    [("asst_1", "default", "asst_1"), ("other/asst_1", "other", "asst_1"), ("other/imported", "other", "imported")],
)
def test_assistant_belongs_to_a_project(assistant: str, project: str, assistant_id: str) -> None:
    rules = open_registry(settings(expose=(Exposure(assistants=(assistant,)),)))._exposure._rules
    assert rules[0].assistants == {(project, assistant_id)}


@pytest.mark.parametrize(
    "exposure",
    [
        Exposure(projects=("*",)),
        Exposure(projects=("",)),
        Exposure(projects=("a b",)),
        Exposure(assistants=("",)),
        Exposure(assistants=("default/",)),
        Exposure(assistants=("default/*",)),
        Exposure(assistants=("/asst_1",)),
        Exposure(assistants=("*/asst_1",)),
        Exposure(assistants=("a/b/asst_1",)),
    ],
)
def test_bad_pattern_is_refused(exposure: Exposure) -> None:
    with pytest.raises(NotStarted, match=r"\[\[tools.expose\]\]"):
        open_registry(settings(expose=(exposure,)))
