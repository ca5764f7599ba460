"""Whether the model's code can be run here: each back end is started and tried."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

from retinue.app.doctor.finding import Finding
from retinue.app.sandbox import BACK_ENDS, REMOTE, StartSandbox, Tried, names_to_try, try_back_end
from retinue.sandbox.libraries import INSTALL, missing_libraries
from retinue.settings import Settings

_ABOUT = "Interpreter"
_SWITCHES = (
    ("kernel/unprivileged_userns_clone", "0", "Have namespaces allowed: sysctl -w kernel.unprivileged_userns_clone=1"),
    ("user/max_user_namespaces", "0", "Have namespaces allowed: sysctl -w user.max_user_namespaces=10000"),
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "Have namespaces allowed: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
)
"""Below /proc/sys: a file, what it reads where it is in the way, and what to do."""
_CONTAINERS = ("/.dockerenv", "/run/.containerenv")
_IN_CONTAINER = (
    "This seems to be a container: start it as another user than root, with --security-opt seccomp=unconfined "
    "--security-opt systempaths=unconfined, or set RETINUE_RUNNERS to a machine that runs code (docs/interpreter.md)."
)
_ELSEWHERE = "Set RETINUE_RUNNERS to a machine that runs code for this server (docs/interpreter.md)."
_ASK_RUNNER = "See that it runs, and that RETINUE_RUNNERS and RETINUE_RUNNER_KEY are right."


async def interpreter(
    settings: Settings, *, back_ends: Mapping[str, StartSandbox] = BACK_ENDS, root: Path = Path("/")
) -> list[Finding]:
    """Return a finding of each back end, of the libraries and of the limits; `root` is where the system's files are."""
    if settings.sandbox == "off":
        return [Finding(about=_ABOUT, state="ok", text="switched off (RETINUE_SANDBOX=off)")]
    wanted = names_to_try(settings, back_ends)
    names = [*wanted, *(name for name in back_ends if name not in wanted and name != REMOTE)]
    tried = [await try_back_end(name, settings, back_ends=back_ends) for name in names]
    in_force = next((each.name for each in tried if each.why_not is None and each.name in wanted), None)
    demanded = settings.sandbox != "auto" or bool(settings.runners)
    findings = [
        _back_end(
            each,
            settings,
            in_force=in_force,
            is_broken=demanded and each.name in wanted,
            advice=await asyncio.to_thread(_advice, each.name, root),
        )
        for each in tried
    ]
    return [*findings, *(_more(settings, in_force) if in_force else ())]


def _back_end(tried: Tried, settings: Settings, *, in_force: str | None, is_broken: bool, advice: str) -> Finding:
    name = f"{tried.name} ({', '.join(settings.runners)})" if tried.name == REMOTE else tried.name
    if tried.why_not is None:
        runs = "; code runs here" if tried.name == in_force else ""
        return Finding(about=_ABOUT, state="ok", text=f"{name}: holds, tried in {tried.took_s:.1f} s{runs}")
    return Finding(
        about=_ABOUT,
        state="broken" if is_broken else "hint",
        text=f"{name}: {tried.why_not}",
        advice=advice if in_force is None else None,
    )


def _more(settings: Settings, in_force: str) -> Iterator[Finding]:
    if in_force != REMOTE:
        missing = missing_libraries()
        text = f"not installed: {', '.join(missing)}" if missing else "all libraries are installed"
        yield Finding(about=_ABOUT, state="hint" if missing else "ok", text=text, advice=INSTALL if missing else None)
    yield Finding(
        about=_ABOUT,
        state="ok",
        text=f"limits: a call {settings.interpreter_call_s:g} s; a session {settings.interpreter_memory_mb} MB of "
        f"memory, {settings.interpreter_disk_mb} MB of files, {settings.interpreter_processes} processes; "
        f"{settings.interpreter_sessions} sessions, each ended after {settings.interpreter_idle_s:g} s of rest",
    )


def _advice(name: str, root: Path) -> str:
    if name == REMOTE:
        return _ASK_RUNNER
    for file, closed, advice in _SWITCHES:
        path = root / "proc/sys" / file
        if name == "namespaces" and path.is_file() and path.read_text().strip() == closed:
            return advice
    in_container = any((root / place.lstrip("/")).exists() for place in _CONTAINERS)
    return _IN_CONTAINER if in_container else _ELSEWHERE
