-- Times are Unix seconds, frames are the line's, JSON stands in TEXT.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A call_id may come again after its call has ended, so it is no key.
CREATE TABLE calls (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    call_id    TEXT NOT NULL,
    line       TEXT NOT NULL,
    project_id TEXT NOT NULL,
    space_id   TEXT NOT NULL,
    metadata   TEXT NOT NULL,
    made_up    INTEGER NOT NULL, -- 1: begun by a recording on an idle line, ends with its last one
    begun_at   REAL NOT NULL,
    ended_at   REAL
) STRICT;
CREATE INDEX calls_by_id ON calls (call_id, number);
CREATE INDEX calls_live ON calls (line) WHERE ended_at IS NULL;

CREATE TABLE recordings (
    recording_id TEXT PRIMARY KEY, -- UUIDv7: sorts by time
    line         TEXT NOT NULL,
    call_id      TEXT NOT NULL,
    control_id   TEXT NOT NULL,
    state        TEXT NOT NULL, -- starting, then the contract's states
    format       TEXT NOT NULL,
    direction    TEXT NOT NULL,
    stereo       INTEGER NOT NULL,
    rate         INTEGER NOT NULL,
    channels     INTEGER NOT NULL,
    facts        TEXT NOT NULL, -- what every event of the recording tells
    parameters   TEXT NOT NULL,
    metadata     TEXT NOT NULL, -- the call's
    created_at   REAL NOT NULL, -- when the command was accepted
    path         TEXT,
    started_at   REAL,
    ended_at     REAL,
    duration     REAL, -- seconds
    size         INTEGER,
    end_reason   TEXT,
    gaps         TEXT,
    recovered    INTEGER NOT NULL DEFAULT 0,
    final_event  TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX recordings_by_line ON recordings (line, recording_id);
CREATE INDEX recordings_by_call ON recordings (call_id, recording_id);
CREATE INDEX recordings_by_state ON recordings (state, recording_id);
CREATE INDEX recordings_by_reason ON recordings (end_reason, recording_id);
CREATE INDEX recordings_by_time ON recordings (created_at);

-- What a line's machines were given and cannot compute again from the audio.
CREATE TABLE inputs (
    line       TEXT NOT NULL,
    number     INTEGER NOT NULL,
    ring_epoch TEXT NOT NULL, -- 64 bits without sign, in decimal
    frame      INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    body       TEXT NOT NULL,
    PRIMARY KEY (line, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE commands (
    command_id TEXT PRIMARY KEY,
    body_hash  TEXT NOT NULL,
    answer     TEXT NOT NULL,
    at         REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX commands_by_time ON commands (at);

CREATE TABLE events (
    cursor       INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id     TEXT NOT NULL UNIQUE,
    recording_id TEXT NOT NULL,
    seq          INTEGER NOT NULL,
    body         TEXT NOT NULL, -- the very bytes that every transport carries
    at           REAL NOT NULL
) STRICT;
CREATE INDEX events_by_recording ON events (recording_id, seq);
CREATE INDEX events_by_time ON events (at);
