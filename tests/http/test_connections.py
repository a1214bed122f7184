"""How many may be connected, and who has to go."""

from hypothesis import given
from hypothesis import strategies as st

from recorder.bridge.http.connections import Admission


class Peer:
    """As much of a connection as the admission knows."""

    def __init__(self, *, serving: bool = False) -> None:
        self.serving = serving
        self.dropped = False

    def drop(self) -> None:
        self.dropped = True


def admitted(admission, peers, address):
    return [admission.admit(peer, address) for peer in peers]


def test_the_oldest_idle_one_of_the_address_goes_for_a_newcomer():
    admission = Admission(most=10, most_per_address=2)
    other, first, second, third = Peer(), Peer(), Peer(), Peer()
    assert admitted(admission, [other], "b") == [True]
    assert admitted(admission, [first, second, third], "a") == [True, True, True]
    assert [peer.dropped for peer in (other, first, second, third)] == [False, True, False, False]
    assert (len(admission), admission.turned_away) == (3, 1)


def test_one_that_is_being_served_stays():
    admission = Admission(most=10, most_per_address=2)
    busy, idle, newcomer = Peer(serving=True), Peer(), Peer()
    assert admitted(admission, [busy, idle, newcomer], "a") == [True, True, True]
    assert (busy.dropped, idle.dropped) == (False, True)
    newcomer.serving = True
    assert not admission.admit(Peer(), "a")
    assert admission.turned_away == 2


def test_in_all_the_oldest_idle_one_goes_whatever_its_address():
    admission = Admission(most=3, most_per_address=2)
    peers = [Peer() for _ in range(4)]
    assert [admission.admit(peer, str(n)) for n, peer in enumerate(peers)] == [True] * 4
    assert [peer.dropped for peer in peers] == [True, False, False, False]


def test_who_left_makes_room():
    admission = Admission(most=1, most_per_address=1)
    first, second = Peer(serving=True), Peer()
    assert admission.admit(first, "a")
    admission.leave(first)
    admission.leave(first)
    assert admission.admit(second, "a")
    assert not second.dropped


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans()), max_size=60))
def test_the_bounds_hold_whoever_comes_and_goes(steps):
    admission = Admission(most=5, most_per_address=3)
    inside = {}
    for address, serving, leaves in steps:
        peer = Peer(serving=serving)
        if admission.admit(peer, address):
            inside[peer] = address
        inside = {each: at for each, at in inside.items() if not each.dropped}
        if leaves and inside:
            gone = next(iter(inside))
            admission.leave(gone)
            del inside[gone]
        assert len(admission) == len(inside) <= 5
        assert all(list(inside.values()).count(name) <= 3 for name in "abc")
