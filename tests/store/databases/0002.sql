-- A database as schema 2 left it, with data in it.
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
INSERT INTO "calls" VALUES(1,'call-1','front','p','','{"caller": "Zo\u00eb"}',0,1720000000.5,1720000100.5);
INSERT INTO "calls" VALUES(2,'call-2','front','p','','{}',1,1720000200.0,NULL);
CREATE TABLE commands (
    command_id TEXT PRIMARY KEY,
    body_hash  TEXT NOT NULL,
    answer     TEXT NOT NULL,
    at         REAL NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "commands" VALUES('k1','hash','{}',1720000001.0);
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
INSERT INTO "deliveries" VALUES(1,2,'0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b','front','webhook','http://r/','http://r:80','pending',0,0,0,1720000003.0,1720000003.0,NULL,NULL);
CREATE TABLE events (
    cursor       INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id     TEXT NOT NULL UNIQUE,
    recording_id TEXT NOT NULL,
    seq          INTEGER NOT NULL,
    body         TEXT NOT NULL, -- the very bytes that every transport carries
    at           REAL NOT NULL
) STRICT;
INSERT INTO "events" VALUES(1,'e1','0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',0,'{"seq": 0}',1720000002.0);
INSERT INTO "events" VALUES(2,'e2','0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',1,'{"event_type": "calling.call.record", "event_id": "e2", "seq": 1, "params": {"state": "finished", "record": {"size": 320044}}}',1720000003.0);
CREATE TABLE inputs (
    line       TEXT NOT NULL,
    number     INTEGER NOT NULL,
    ring_epoch TEXT NOT NULL, -- 64 bits without sign, in decimal
    frame      INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    body       TEXT NOT NULL,
    PRIMARY KEY (line, number)
) STRICT, WITHOUT ROWID;
INSERT INTO "inputs" VALUES('front',7,'18446744073709551615',4711,'start','{}');
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "meta" VALUES('link_key','abababababababababababababababababababababababababababababababab');
INSERT INTO "meta" VALUES('project_id','6f0e5a4e-3b7c-4a57-9a34-0e4e1f7f1a11');
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
INSERT INTO "recordings" VALUES('0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b','front','call-1','c-finished','finished','wav','both',1,8000,2,'{"node_id": "box", "line": "front", "project_id": "p", "space_id": "", "call_id": "call-1", "control_id": "c-f4", "recording_id": "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "url": "http://127.0.0.1:8080/recordings/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b.wav?exp=1&sig=00", "format": "wav", "direction": "both", "stereo": true, "document_run": null}','{"beep": false, "status_url": null}','{"caller": "Zo\u00eb"}',1.72069976571800017355e+09,'/var/lib/recorder/recordings/2024/07/03/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b.wav',1720000002.0,1720000012.0,10.0,320044,'terminator','[{"start": 1.5, "duration": 0.25}]',0,'{"event_type": "calling.call.record", "event_id": "e2", "seq": 1, "params": {"state": "finished", "record": {"size": 320044}}}');
INSERT INTO "recordings" VALUES('0190a1b2-c3d5-7e5f-8a9b-0c1d2e3f4a5b','front','call-1','c-recording','recording','wav','both',1,8000,2,'{"node_id": "box", "line": "front", "project_id": "p", "space_id": "", "call_id": "call-1", "control_id": "c-f5", "recording_id": "0190a1b2-c3d5-7e5f-8a9b-0c1d2e3f4a5b", "url": "http://127.0.0.1:8080/recordings/0190a1b2-c3d5-7e5f-8a9b-0c1d2e3f4a5b.wav?exp=1&sig=00", "format": "wav", "direction": "both", "stereo": true, "document_run": null}','{"beep": false, "status_url": null}','{"caller": "Zo\u00eb"}',1720699765.719,'/var/lib/recorder/recordings/2024/07/03/0190a1b2-c3d5-7e5f-8a9b-0c1d2e3f4a5b.wav',1720000202.0,NULL,NULL,NULL,NULL,NULL,0,NULL);
CREATE INDEX calls_by_id ON calls (call_id, number);
CREATE INDEX calls_live ON calls (line) WHERE ended_at IS NULL;
CREATE INDEX recordings_by_line ON recordings (line, recording_id);
CREATE INDEX recordings_by_call ON recordings (call_id, recording_id);
CREATE INDEX recordings_by_state ON recordings (state, recording_id);
CREATE INDEX recordings_by_reason ON recordings (end_reason, recording_id);
CREATE INDEX recordings_by_time ON recordings (created_at);
CREATE INDEX commands_by_time ON commands (at);
CREATE INDEX events_by_recording ON events (recording_id, seq);
CREATE INDEX events_by_time ON events (at);
CREATE INDEX deliveries_by_event ON deliveries (cursor);
CREATE INDEX deliveries_by_lane ON deliveries (recording_id, door, url, state, delivery);
CREATE INDEX deliveries_due ON deliveries (door, receiver, next_at) WHERE state = 'pending';
CREATE INDEX deliveries_by_state ON deliveries (state, delivery);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('calls',2);
INSERT INTO "sqlite_sequence" VALUES('events',2);
INSERT INTO "sqlite_sequence" VALUES('deliveries',1);
PRAGMA application_id = 1380270916;
PRAGMA user_version = 2;
