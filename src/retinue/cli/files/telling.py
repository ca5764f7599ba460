"""What is told of files: skipped are those that were not tried, failed those that were, and can't be searched."""

from collections import Counter
from collections.abc import Sequence

from retinue.cli.clean import clean_line
from retinue.cli.files.adding import Failure
from retinue.cli.files.gathering import Skipped
from retinue.cli.say import say

_SHOWN = 5  # names of what was skipped for one reason
_NAME = 60  # characters


def tell_skipped(skipped: Sequence[Skipped]) -> None:
    """Say what was skipped, by reasons."""
    for why, count in Counter(one.why for one in skipped).items():
        names = [clean_line(one.name, _NAME) for one in skipped if one.why == why]
        more = f" and {count - _SHOWN} more" if count > _SHOWN else ""
        say(f"Skipped ({why}): {', '.join(names[:_SHOWN])}{more}", err=True)


def tell_failures(failures: Sequence[Failure]) -> None:
    """Say which files failed, and why."""
    if failures:
        say(f"{counted(len(failures))} failed:", err=True)
    for failure in failures:
        say(f"  {clean_line(failure.name)}: {clean_line(failure.why)}", err=True)


def counted(count: int) -> str:
    """Return so many files in words."""
    return f"{count:,} file{'' if count == 1 else 's'}"
