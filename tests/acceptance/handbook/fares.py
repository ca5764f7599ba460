"""Fares of the Larkhaven ferries, in marks."""

ADULT = 7.20
CHILD_SHARE = 0.5
BICYCLE = 3.00
DOG = 1.50
GROUP_FROM = 12  # people that travel together
GROUP_DISCOUNT = 0.15


def fare(adults: int, children: int = 0, bicycles: int = 0, dogs: int = 0) -> float:
    """Return what a party pays for one crossing."""
    people = adults * ADULT + children * ADULT * CHILD_SHARE
    if adults + children >= GROUP_FROM:
        people *= 1 - GROUP_DISCOUNT
    return round(people + bicycles * BICYCLE + dogs * DOG, 2)
