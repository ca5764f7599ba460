"""What is told of files: skipped are those that were not tried, failed those that were, and can't be searched."""

from collections.abc import Sequence

from retinue.cli.clean import clean_line
from retinue.cli.files.adding import Added, Failure
from retinue.cli.files.gathering import Skipped
from retinue.cli.say import say

_SHOWN = 5  # names in a line
_NAME = 60  # characters


def tell_skipped(skipped: Sequence[Skipped]) -> None:
    """Say what was skipped, by reasons."""
    for why in dict.fromkeys(one.why for one in skipped):
        say(f"Skipped ({why}): {named([one.name for one in skipped if one.why == why])}", err=True)


def tell_failures(failures: Sequence[Failure]) -> None:
    """Say which files failed, and why."""
    if failures:
        say(f"{counted(len(failures))} failed:", err=True)
    for failure in failures:
        say(f"  {clean_line(failure.name)}: {clean_line(failure.why)}", err=True)


def named(names: Sequence[str]) -> str:
    """Return names in one line, a few of them where they are many."""
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(clean_line(name, _NAME) for name in names[:_SHOWN]) + more


def counted(count: int) -> str:
    """Return so many files in words."""
    return f"{count:,} file{'' if count == 1 else 's'}"


def tell_stopped(added: Added | None, count: int) -> None:
    """Say what was handed over of so many files when Ctrl-C came: reading that goes on without this command."""
    handed = added.handed_over if added else 0
    done = added.searchable + len(added.failures) if added else 0
    say(f"\nStopped. {handed} of {counted(count)} {_was(handed)} handed over, {done} {_was(done)} read.", err=True)
    if handed > done:
        say(
            "The rest of those is read on by the server; without one, as soon as `retinue serve` or another command "
            "runs. The same command adds what is missing.",
            err=True,
        )


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
