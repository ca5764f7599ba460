from retinue.jobs.turns import Turns


def test_projects_get_as_much_time_not_as_many_jobs() -> None:
    turns, served = Turns(), []
    for _ in range(9):
        project = turns.next({"slow", "quick"})
        served.append(project)
        turns.took(project, 60.0 if project == "slow" else 10.0)
    assert served == ["quick", "slow", *["quick"] * 6, "slow"]


def test_who_was_not_there_gets_no_more_than_the_next_turn() -> None:
    turns = Turns()
    for _ in range(100):
        turns.took(turns.next({"a"}), 60.0)
    served = []
    for _ in range(4):
        served.append(turns.next({"a", "new"}))
        turns.took(served[-1], 60.0)
    assert served in (["a", "new", "a", "new"], ["new", "a", "new", "a"])


def test_who_has_had_much_is_not_forgotten_while_nothing_of_it_waits() -> None:
    turns = Turns()
    turns.took(turns.next({"slow"}), 600.0)
    turns.took(turns.next({"quick"}), 1.0)
    assert turns.next({"slow", "quick"}) == "quick"
