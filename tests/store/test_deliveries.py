import pytest

from recorder.store import deliveries, journal
from recorder.store.database import connect
from recorder.store.deliveries import Destination

A = Destination("webhook", "http://a/x", "http://a:80")
B = Destination("webhook", "http://b/y", "http://b:80")
MQTT = Destination("mqtt")


@pytest.fixture
def connection(tmp_path):
    opened = connect(tmp_path / "recorder.db")
    yield opened
    opened.close()


def told(connection, recording_id, seq, *to, at=10.0):
    """An event with its deliveries; their numbers."""
    cursor = journal.append(connection, journal.Event(f"{recording_id}-{seq}", recording_id, seq, "{}", at))
    for destination in to:
        deliveries.add(connection, cursor, recording_id, "front", destination, at)
    newest = deliveries.listing(connection, limit=max(1, len(to)))
    return [each.delivery for each in reversed(newest)]


def heads(connection, to, now=10.0, skip=(), skip_urls=(), limit=10):
    found = deliveries.heads_due(connection, "webhook", to.receiver, now, skip=skip, skip_urls=skip_urls, limit=limit)
    return [due.delivery.event_id for due in found]


def of(connection, event_id):
    return next(each for each in deliveries.listing(connection) if each.event_id == event_id)


def test_a_lane_gives_its_first_pending_delivery_only(connection):
    first, _ = told(connection, "r1", 0, A, B)
    told(connection, "r1", 1, A)
    told(connection, "r2", 0, A)
    assert heads(connection, A) == ["r1-0", "r2-0"]
    assert heads(connection, B) == ["r1-0"]
    assert heads(connection, A, skip=[first]) == ["r2-0"]
    assert heads(connection, A, skip_urls=[A.url]) == []
    deliveries.done(connection, first, 11.0)
    assert heads(connection, A) == ["r2-0", "r1-1"] or heads(connection, A) == ["r1-1", "r2-0"]
    assert of(connection, "r1-0").state == "pending"  # at B still


def test_a_failed_delivery_holds_up_its_lane_and_what_joins_it_later(connection):
    (first,) = told(connection, "r1", 0, A)
    told(connection, "r1", 1, A)
    deliveries.failed(connection, first, "no answer", 50.0)
    told(connection, "r1", 2, A)
    assert heads(connection, A, now=49.0) == []
    assert deliveries.receivers_due(connection, "webhook", 49.0) == []
    assert deliveries.next_at(connection, "webhook", 49.0) == 50.0
    assert heads(connection, A, now=50.0) == ["r1-0"]
    assert {each.next_at for each in deliveries.listing(connection)} == {50.0}


def test_what_is_given_up_lets_its_lane_go_on_at_once(connection):
    (first,) = told(connection, "r1", 0, A)
    told(connection, "r1", 1, A)
    deliveries.failed(connection, first, "404", 50.0, refused=True)
    deliveries.give_up(connection, first, "404 five times", 20.0)
    assert heads(connection, A, now=20.0) == ["r1-1"]
    gone = of(connection, "r1-0")
    assert (gone.state, gone.attempts, gone.refusals, gone.last_error) == ("given_up", 2, 1, "404 five times")
    assert deliveries.again(connection, first, 30.0)
    assert heads(connection, A, now=30.0) == ["r1-0"]
    assert not deliveries.again(connection, first, 30.0)


def test_a_gone_receiver_gets_no_more_of_that_recording_at_that_url(connection):
    (first,) = told(connection, "r1", 0, A)
    told(connection, "r1", 1, A, B)
    deliveries.give_up(connection, first, "410 Gone", 20.0, gone=True)
    told(connection, "r1", 2, A)
    told(connection, "r2", 0, A)
    assert heads(connection, A, now=30.0) == ["r2-0"]
    assert heads(connection, B, now=30.0) == ["r1-1"]
    assert of(connection, "r1-2").state == "given_up"
    deliveries.again(connection, first, 40.0)
    told(connection, "r1", 3, A, at=41.0)
    assert of(connection, "r1-3").state == "pending"


def test_mqtt_gets_everything_in_the_order_of_the_events(connection):
    numbers = [told(connection, f"r{n % 2}", n, MQTT)[0] for n in range(4)]
    due = deliveries.next_due(connection, "mqtt", 10.0)
    assert [each.delivery.delivery for each in due] == numbers
    behind = deliveries.next_due(connection, "mqtt", 10.0, behind=numbers[0], limit=2)
    assert [each.delivery.delivery for each in behind] == numbers[1:3]


def test_what_is_too_old_is_given_up_and_shown(connection):
    told(connection, "r1", 0, A, at=10.0)
    told(connection, "r2", 0, A, at=30.0)
    assert deliveries.expire(connection, 20.0, 40.0) == 1
    assert of(connection, "r1-0").last_error == "not delivered in time: never tried"
    assert [each.event_id for each in deliveries.listing(connection, state="given_up")] == ["r1-0"]
    assert [each.event_id for each in deliveries.listing(connection, door="webhook", state="pending")] == ["r2-0"]


def test_events_stay_until_they_are_settled_and_old(connection):
    (first,) = told(connection, "r1", 0, A, at=10.0)
    told(connection, "r2", 0, at=10.0)
    journal.prune(connection, 20.0)
    assert [event.event_id for _, event in journal.after(connection, 0, 10)] == ["r1-0"]
    deliveries.done(connection, first, 30.0)
    journal.prune(connection, 20.0)
    assert len(journal.after(connection, 0, 10)) == 1
    journal.prune(connection, 31.0)
    assert deliveries.listing(connection) == []


def test_pages_of_the_list_go_from_the_newest_on(connection):
    numbers = [told(connection, "r1", n, A)[0] for n in range(5)]
    page = deliveries.listing(connection, limit=2)
    assert [each.delivery for each in page] == [numbers[4], numbers[3]]
    assert [each.delivery for each in deliveries.listing(connection, before=numbers[3])] == numbers[2::-1]


def test_what_was_timed_by_a_clock_that_was_ahead_waits_no_longer_than_it_would_have(connection):
    old, _ = told(connection, "r1", 0, A, B, at=500.0)
    told(connection, "r2", 0, A, at=1000.0)
    deliveries.failed(connection, old, "no answer", 1004.0)
    assert deliveries.return_from_ahead(connection, 100.0) == 900.0
    assert heads(connection, B, now=100.0) == ["r1-0"]
    assert heads(connection, A, now=103.9) == ["r2-0"]
    assert heads(connection, A, now=104.0) == ["r2-0", "r1-0"]
    assert {each.since for each in deliveries.listing(connection)} == {100.0}
    assert deliveries.return_from_ahead(connection, 101.0) == 0.0
