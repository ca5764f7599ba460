"""What the doctor says of back ends that don't hold, and what it advises."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import structs

from retinue.app.doctor.interpreter import interpreter
from retinue.sandbox.base import SandboxFault
from retinue.sandbox.lasting import Mortal
from retinue.settings import Settings


async def refused(settings: Settings, libraries: Sequence[str]) -> Mortal:
    raise SandboxFault("The system lets no namespaces be made (Operation not permitted).")


BACK_ENDS = {"namespaces": refused, "landlock": refused, "remote": refused}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


@pytest.mark.parametrize(
    ("file", "reads", "advice"),
    [
        ("proc/sys/kernel/unprivileged_userns_clone", "0\n", "sysctl -w kernel.unprivileged_userns_clone=1"),
        ("proc/sys/user/max_user_namespaces", "0\n", "sysctl -w user.max_user_namespaces=10000"),
        (
            "proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1\n",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        (".dockerenv", "", "seccomp=unconfined"),
        ("proc/sys/user/max_user_namespaces", "63000\n", "RETINUE_RUNNERS"),
    ],
)
async def test_what_is_in_the_way_of_namespaces_is_named(
    settings: Settings, tmp_path: Path, file: str, reads: str, advice: str
) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(reads)
    (finding,) = await interpreter(settings, back_ends={"namespaces": refused}, root=tmp_path)
    assert finding.advice is not None
    assert advice in finding.advice


async def test_an_interpreter_that_nobody_has_set_up_is_no_fault(settings: Settings) -> None:
    findings = await interpreter(settings, back_ends=BACK_ENDS)
    assert [finding.state for finding in findings] == ["hint", "hint"]
    assert all("Operation not permitted" in finding.text for finding in findings)


async def test_runners_that_are_set_and_do_not_answer_are_broken(settings: Settings) -> None:
    with_runner = structs.replace(settings, runners=("http://runner:4750",))
    remote, *others = await interpreter(with_runner, back_ends=BACK_ENDS)
    assert (remote.state, [other.state for other in others]) == ("broken", ["hint", "hint"])
    assert "http://runner:4750" in remote.text
    assert remote.advice is not None
    assert "RETINUE_RUNNER_KEY" in remote.advice


async def test_an_interpreter_that_is_off_is_not_tried(settings: Settings) -> None:
    (finding,) = await interpreter(structs.replace(settings, sandbox="off"), back_ends=BACK_ENDS)
    assert (finding.state, finding.advice) == ("ok", None)
