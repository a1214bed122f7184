-- What is to reach whom: one row for each event and destination, written with the event.
-- A lane is the rows of one recording, door and url: they go out in order, the first pending one holds up the rest.
CREATE TABLE deliveries (
    delivery     INTEGER PRIMARY KEY AUTOINCREMENT,
    cursor       INTEGER NOT NULL REFERENCES events (cursor) ON DELETE CASCADE,
    recording_id TEXT NOT NULL,
    line         TEXT NOT NULL,
    door         TEXT NOT NULL CHECK (door IN ('mqtt', 'webhook')),
    url          TEXT NOT NULL, -- '' for mqtt
    receiver     TEXT NOT NULL, -- scheme, host and port of the url, '' for mqtt: what is slow or dead as one
    state        TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'given_up')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    refusals     INTEGER NOT NULL DEFAULT 0, -- attempts that the receiver answered by a refusal for good (4xx)
    gone         INTEGER NOT NULL DEFAULT 0, -- 1: the receiver wants no more of this lane (410)
    since        REAL NOT NULL, -- from when the time for trying counts
    next_at      REAL NOT NULL,
    last_error   TEXT,
    settled_at   REAL -- when it was done or given up
) STRICT;
CREATE INDEX deliveries_by_event ON deliveries (cursor);
CREATE INDEX deliveries_by_lane ON deliveries (recording_id, door, url, state, delivery);
CREATE INDEX deliveries_due ON deliveries (door, receiver, next_at) WHERE state = 'pending';
CREATE INDEX deliveries_by_state ON deliveries (state, delivery);
