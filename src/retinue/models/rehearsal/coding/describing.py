"""Describing: what a table holds, in numbers."""

import re
from collections.abc import Sequence

from msgspec import Struct

from retinue.models.rehearsal.coding.given import printed
from retinue.models.rehearsal.coding.reading import PLAIN_SHAPE, SHAPE, with_pandas, without_pandas
from retinue.models.rehearsal.coding.runs import Run, missing

_FACTS = 2
_LONGEST_COLUMNS = 400  # characters
_FACT = re.compile(r"^([^\n]{1,80}): from (\S{1,40}) to (\S{1,40}), mean (\S{1,40})$", re.MULTILINE)
_ASKED = re.compile(
    r"\b(?:describe|summari[sz]e|summary|overview|statistics|analy[sz]e|analysis|explore|inspect"
    r"|how many (?:rows|columns|lines)|(?:which|what) columns|what(?:'s| is) in|tell me about)\b",
    re.IGNORECASE,
)
_TABLE = re.compile(
    r"\b(?:csv|tsv|excel|xlsx|data|dataset|tables?|spreadsheet|workbook|files?|rows|columns)\b", re.IGNORECASE
)


class Description(Struct, frozen=True):
    """See `Job`."""

    file: str

    def code(self, runs: Sequence[Run]) -> str | None:
        if not runs:
            return _PANDAS.format(read=with_pandas(self.file), shape=SHAPE)
        read = without_pandas(self.file)
        if len(runs) > 1 or "pandas" not in missing(runs) or read is None:
            return None
        return _PLAIN.format(read=read, shape=PLAIN_SHAPE)

    def told(self, run: Run) -> str:
        if run.printed("rows") is None:
            return printed(run)
        facts = [f"{name} goes from {least} to {most}, {mean} on average." for name, least, most, mean in _facts(run)]
        return " ".join([shape(self.file, run), *facts])


def asks_for_description(text: str, file: str) -> bool:
    """Whether a text asks what this table holds."""
    return _ASKED.search(text) is not None and (_TABLE.search(text) is not None or file.casefold() in text.casefold())


def shape(file: str, run: Run) -> str:
    """Return a sentence on how large a table is, out of what `SHAPE` printed."""
    columns = run.printed("columns") or ""
    listed = columns if len(columns) <= _LONGEST_COLUMNS else f"{columns[:_LONGEST_COLUMNS]}…"
    count = len(columns.split(", ")) if columns else 0
    rows = run.printed("rows") or "0"
    named = f"{file} has {rows} row{'' if rows == '1' else 's'}"
    return f"{named} and {count} column{'' if count == 1 else 's'}: {listed}." if count else f"{named}."


def _facts(run: Run) -> list[tuple[str, str, str, str]]:
    return [(found[1], found[2], found[3], found[4]) for found in _FACT.finditer(run.output)][:_FACTS]


_PANDAS = """\
import pandas as pd

{read}
{shape}
print(table.dtypes.to_string())
print(table.describe(include='all').to_string())
for name in table.select_dtypes('number'):
    column = table[name].dropna()
    print(f'{{name}}: from {{column.min():g}} to {{column.max():g}}, mean {{column.mean():g}}')"""

_PLAIN = """\
import csv
import statistics

{read}
{shape}
for name in names:
    values = [number(row[name]) for row in rows if row[name]] if name in numbers else []
    if values:
        print(f'{{name}}: from {{min(values):g}} to {{max(values):g}}, mean {{statistics.fmean(values):g}}')
    else:
        print(f'{{name}}: {{len({{row[name] for row in rows}})}} different values')"""
