"""Numbers of days as dates."""

import pytest

from retinue.knowledge.reading.dates import Formats, date_of


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("45292", "2024-01-01"),
        ("45292.75", "2024-01-01 18:00:00"),
        ("0.5", "12:00:00"),
        ("61", "1900-03-01"),
        ("-1", "-1"),
        ("1e300", "1e300"),
        ("nan", "nan"),
        ("soon", "soon"),
    ],
)
def test_days_are_counted_as_excel_counts_them(value: str, date: str) -> None:
    assert date_of(value) == date


@pytest.mark.parametrize(
    ("code", "is_date"),
    [("yyyy-mm-dd", True), ("h:mm", True), ('0.00 "days"', False), ("#,##0", False), ("[Red]0", False)],
)
def test_a_format_is_a_dates_by_its_letters(code: str, is_date: bool) -> None:
    formats = Formats()
    formats.start("numFmt", {"numFmtId": "164", "formatCode": code})
    formats.start("cellXfs", {})
    formats.start("xf", {"numFmtId": "0"})
    formats.start("xf", {"numFmtId": "164"})
    formats.start("xf", {"numFmtId": "14"})
    formats.end("cellXfs")
    assert formats.dates == ({"1", "2"} if is_date else {"2"})
