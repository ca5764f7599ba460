from retinue.models.routing.router import _joined


def test_what_all_of_a_chain_say_is_told_once() -> None:
    assert _joined(["No key.", "No money.", "No key."]) == "No key. No money."
