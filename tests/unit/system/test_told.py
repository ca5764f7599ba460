from retinue.system.told import told


def test_an_error_without_a_number_is_told_as_what_it_most_likely_is() -> None:
    assert "too many files" in told(OSError(-1, "Unknown error -1"))


def test_a_fault_without_words_is_told_by_its_name() -> None:
    assert told(TimeoutError()) == "TimeoutError"
    assert told(OSError(24, "Too many open files")) == "[Errno 24] Too many open files"
