"""Whose fault it is that a file was not read: its own, or that of the machine it lies on."""

import errno
import zipfile

import pytest

from retinue.knowledge.reading.base import Unreadable
from retinue.knowledge.reading.faults import failed
from retinue.knowledge.reading.frames import Failed, Hindered
from retinue.knowledge.reading.package import damaged


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EIO, errno.EACCES, errno.ENOSPC])
def test_what_the_system_says_of_itself_is_no_fault_of_the_file(number: int) -> None:
    fault = OSError(number, "what it says", "/folder/blob")
    assert isinstance(failed(fault), Hindered)
    assert isinstance(failed(_caused(damaged("its list of parts can't be read"), fault)), Hindered)


@pytest.mark.parametrize(
    "fault",
    [
        OSError("Invalid data stream"),  # of bz2
        OSError(errno.EINVAL, "Invalid argument"),  # a place before the file's beginning
        OSError(errno.EFBIG, "File too large"),  # it was to be written to, which no reader may
        zipfile.BadZipFile("Bad magic number"),
        ValueError("whatever"),
    ],
)
def test_what_a_library_says_of_a_damaged_file_is_its_fault(fault: Exception) -> None:
    for each in (fault, _caused(damaged("a part can't be read"), fault)):
        answer = failed(each)
        assert isinstance(answer, Failed)
        assert answer.code == "invalid_file"


def _caused(fault: Unreadable, cause: Exception) -> Unreadable:
    fault.__cause__ = cause
    return fault
