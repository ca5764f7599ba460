"""The breaker: opens after failures in a row, lets one call through after a while, and heals with it."""

from retinue.models.provider.breaker import FAILURES, LONGEST_REST_S, REST_S, Breaker


class World:
    def __init__(self) -> None:
        self.now = 0.0
        self.breaker = Breaker(now=lambda: self.now)

    def fail(self, times: int = FAILURES) -> None:
        for _ in range(times):
            self.breaker.failed("It fell.", probe=self.breaker.begin())


def test_it_opens_after_failures_in_a_row() -> None:
    world = World()
    world.fail(FAILURES - 1)
    assert (world.breaker.state, world.breaker.wait_s()) == ("closed", 0)
    world.fail(1)
    assert (world.breaker.state, world.breaker.wait_s()) == ("open", REST_S)


def test_a_success_between_failures_begins_anew() -> None:
    world = World()
    world.fail(FAILURES - 1)
    world.breaker.succeeded()
    world.fail(FAILURES - 1)
    assert world.breaker.state == "closed"


def test_after_its_rest_one_call_goes_through_and_the_others_wait() -> None:
    world = World()
    world.fail()
    world.now += REST_S
    assert (world.breaker.state, world.breaker.wait_s()) == ("half_open", 0)
    assert world.breaker.begin()
    assert world.breaker.wait_s() > 0


def test_a_probe_that_succeeds_heals() -> None:
    world = World()
    world.fail()
    world.now += REST_S
    world.breaker.begin()
    world.breaker.succeeded()
    assert (world.breaker.state, world.breaker.failures, world.breaker.trouble) == ("closed", 0, None)


def test_each_probe_that_fails_doubles_the_rest_up_to_a_bound() -> None:
    world = World()
    world.fail()
    rests = [world.breaker.wait_s()]
    for _ in range(5):
        world.now += world.breaker.wait_s()
        world.fail(1)
        rests.append(world.breaker.wait_s())
    assert rests == [30, 60, 120, 240, LONGEST_REST_S, LONGEST_REST_S]


def test_a_probe_that_is_cancelled_leaves_the_next_call_to_be_one() -> None:
    world = World()
    world.fail()
    world.now += REST_S
    world.breaker.left(probe=world.breaker.begin())
    assert world.breaker.wait_s() == 0
    assert world.breaker.begin()


def test_calls_that_began_before_it_opened_do_not_prolong_the_rest() -> None:
    world = World()
    before = [world.breaker.begin() for _ in range(FAILURES + 3)]
    for probe in before:
        world.breaker.failed("It fell.", probe=probe)
    assert world.breaker.wait_s() == REST_S


def test_it_knows_since_when_and_why() -> None:
    world = World()
    world.fail(1)
    world.now += 7
    world.fail(1)
    assert world.breaker.trouble is not None
    assert (world.breaker.trouble.since, world.breaker.trouble.why) == (0.0, "It fell.")
