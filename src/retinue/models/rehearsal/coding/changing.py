"""Changing: a file in, a changed file out."""

import re
from collections.abc import Sequence

from msgspec import Struct

from retinue.core.container_paths import FOLDER
from retinue.models.rehearsal.coding.given import printed
from retinue.models.rehearsal.coding.mounted import ending, stem
from retinue.models.rehearsal.coding.reading import PLAIN_SHAPE, SHAPE, path_of, with_pandas, without_pandas
from retinue.models.rehearsal.coding.runs import Run, missing
from retinue.models.rehearsal.coding.steps import Step, steps

_NAMED = re.compile(r"\b(?:as|to|into|called|named)\s+[\"'`]?(\w[\w.-]{0,80}?\.(?:csv|tsv|xlsx|json))\b", re.IGNORECASE)
_CONVERTED = re.compile(
    r"\b(?:convert|turn|change|export|save|transform|write)\b[^.\n]{0,60}?\b(?:to|into|as)\s+(?:an?\s+)?"
    r"(?P<format>csv|tsv|json|excel|xlsx|spreadsheet)\b",
    re.IGNORECASE,
)
_ENDINGS = {"excel": ".xlsx", "spreadsheet": ".xlsx"}
_WRITERS = {
    ".csv": "table.to_csv({}, index=False)",
    ".tsv": "table.to_csv({}, sep='\\t', index=False)",
    ".xlsx": "table.to_excel({}, index=False)",
    ".json": "table.to_json({}, orient='records', indent=2)",
}


class Change(Struct, frozen=True, kw_only=True):
    """See `Job`."""

    file: str
    target: str
    """The name of the file that is written."""
    steps: tuple[Step, ...]

    def code(self, runs: Sequence[Run]) -> str | None:
        lacks, failures = missing(runs), [run.failure for run in runs if run.failure]
        near = any(failure.kind == "KeyError" for failure in failures)
        code = self._plain(near=near) if "pandas" in lacks else self._with_pandas(near=near)
        return None if lacks - {"pandas"} or code in [run.code for run in runs] else code

    def told(self, run: Run) -> str:
        if run.printed("saved") is None:
            return printed(run)
        done = ", ".join(step.said for step in self.steps) or f"all of {self.file}"
        rows = run.printed("rows") or "0"
        link = f"[{self.target}](sandbox:{FOLDER}/{self.target})"
        return f"Here is the changed file, with {done}: {link}. It has {rows} row{'' if rows == '1' else 's'}."

    def _with_pandas(self, *, near: bool) -> str:
        return "\n".join(
            [
                "import difflib\n\nimport pandas as pd\n" if near else "import pandas as pd\n",
                with_pandas(self.file),
                (_NEAR if near else _EXACT).format(names="table.columns"),
                *(step.pandas for step in self.steps),
                _WRITERS[ending(self.target)].format(repr(path_of(self.target))),
                SHAPE,
                f"print('saved:', {path_of(self.target)!r})",
            ]
        )

    def _plain(self, *, near: bool) -> str | None:
        read, write = without_pandas(self.file), _PLAIN_WRITERS.get(ending(self.target))
        if read is None or write is None:
            return None
        lines = [
            "import csv\nimport difflib\nimport json\n",
            read,
            (_NEAR if near else _EXACT).format(names="names"),
            *(step.plain for step in self.steps),
            write.format(
                path=repr(path_of(self.target)), delimiter="'\\t'" if ending(self.target) == ".tsv" else "','"
            ),
            PLAIN_SHAPE,
            f"print('saved:', {path_of(self.target)!r})",
        ]
        return "\n".join(lines)


def change(text: str, file: str) -> Change | None:
    """Return what a text asks to be changed in a file; None where it asks for no change."""
    text = re.sub(re.escape(file), "the table", text, flags=re.IGNORECASE)  # its full stop ends no sentence
    asked, converted = tuple(steps(text)), _CONVERTED.search(text)
    named = [found[1] for found in _NAMED.finditer(text)]
    if not asked and not converted and not (named and re.search(r"\b(?:convert|save|export)\b", text, re.IGNORECASE)):
        return None
    if named:
        return Change(file=file, target=_cleaned(named[-1]), steps=asked)
    wanted = converted["format"].casefold() if converted else ""
    new = _ENDINGS.get(wanted, f".{wanted}") if wanted else ending(file)
    target = f"{stem(file)}_changed{new}" if new == ending(file) else f"{stem(file)}{new}"
    return Change(file=file, target=_cleaned(target), steps=asked)


def _cleaned(name: str) -> str:
    """Return a name that stands in a link and in a folder as it is."""
    return re.sub(r"[^\w.-]+", "_", name).lstrip(".-") or "changed.csv"


_EXACT = """

def column(name):
    if name not in {names}:
        raise KeyError(f'{{name}} is no column; there are: {{", ".join(map(str, {names}))}}')
    return name

"""

_NEAR = """

def column(name):
    known = {{str(column).casefold().replace('_', ' '): column for column in {names}}}
    near = difflib.get_close_matches(name.casefold().replace('_', ' '), known, n=1)
    if not near:
        raise KeyError(f'{{name}} is no column; there are: {{", ".join(map(str, {names}))}}')
    return known[near[0]]

"""

_PLAIN_CSV = """\
with open({path}, 'w', newline='', encoding='utf-8') as file:
    writer = csv.DictWriter(file, names, delimiter={delimiter}, extrasaction='ignore')
    writer.writeheader()
    writer.writerows(rows)"""

_PLAIN_WRITERS = {
    ".csv": _PLAIN_CSV,
    ".tsv": _PLAIN_CSV,
    ".json": """\
with open({path}, 'w', encoding='utf-8') as file:
    json.dump([{{name: row[name] for name in names}} for row in rows], file, indent=2)""",
}
