-- The catalogue: what a file's bytes hash to, and which recordings are protected.
ALTER TABLE recordings ADD COLUMN sha256 TEXT; -- of the audio file, in hex
ALTER TABLE recordings ADD COLUMN held_at REAL; -- since when it must not be erased

-- A page of every combination of filters is one seek: the primary key, which stands at each index's end, is the order.
DROP INDEX recordings_by_line;
DROP INDEX recordings_by_state;
DROP INDEX recordings_by_reason;
DROP INDEX recordings_by_time;
CREATE INDEX recordings_listed ON recordings ((erased_at IS NOT NULL));
CREATE INDEX recordings_by_line ON recordings ((erased_at IS NOT NULL), line);
CREATE INDEX recordings_by_state ON recordings ((erased_at IS NOT NULL), state);
CREATE INDEX recordings_by_reason ON recordings ((erased_at IS NOT NULL), end_reason);
CREATE INDEX recordings_by_line_state ON recordings ((erased_at IS NOT NULL), line, state);
CREATE INDEX recordings_by_line_reason ON recordings ((erased_at IS NOT NULL), line, end_reason);
CREATE INDEX recordings_by_state_reason ON recordings ((erased_at IS NOT NULL), state, end_reason);
CREATE INDEX recordings_by_all ON recordings ((erased_at IS NOT NULL), line, state, end_reason);
CREATE INDEX recordings_live ON recordings (recording_id) WHERE state IN ('starting', 'recording', 'paused');
CREATE INDEX recordings_held ON recordings (recording_id) WHERE held_at IS NOT NULL;
CREATE INDEX recordings_by_control ON recordings (line, control_id);
CREATE INDEX recordings_unhashed ON recordings (recording_id)
    WHERE sha256 IS NULL AND path IS NOT NULL AND ended_at IS NOT NULL AND erased_at IS NULL;
-- What may be erased, the oldest first.
CREATE INDEX recordings_to_go ON recordings (line, format, ended_at)
    WHERE ended_at IS NOT NULL AND erased_at IS NULL AND held_at IS NULL;

-- How much is kept, so that nobody has to add it up: held by the triggers, in the transaction of every change.
CREATE TABLE kept (
    line       TEXT NOT NULL,
    format     TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    held_bytes INTEGER NOT NULL,
    held       INTEGER NOT NULL, -- recordings
    PRIMARY KEY (line, format)
) STRICT, WITHOUT ROWID;
INSERT INTO kept
    SELECT line, format, sum(iif(path IS NOT NULL AND erased_at IS NULL, coalesce(size, 0), 0)), 0, 0
    FROM recordings GROUP BY line, format;
CREATE TRIGGER recordings_added AFTER INSERT ON recordings BEGIN
    INSERT INTO kept VALUES (
        NEW.line,
        NEW.format,
        iif(NEW.path IS NOT NULL AND NEW.erased_at IS NULL, coalesce(NEW.size, 0), 0),
        iif(NEW.path IS NOT NULL AND NEW.erased_at IS NULL AND NEW.held_at IS NOT NULL, coalesce(NEW.size, 0), 0),
        NEW.held_at IS NOT NULL AND NEW.erased_at IS NULL
    ) ON CONFLICT DO UPDATE SET
        bytes = bytes + excluded.bytes,
        held_bytes = held_bytes + excluded.held_bytes,
        held = held + excluded.held;
END;
CREATE TRIGGER recordings_changed AFTER UPDATE OF path, size, erased_at, held_at ON recordings BEGIN
    UPDATE kept SET
        bytes = bytes
            + iif(NEW.path IS NOT NULL AND NEW.erased_at IS NULL, coalesce(NEW.size, 0), 0)
            - iif(OLD.path IS NOT NULL AND OLD.erased_at IS NULL, coalesce(OLD.size, 0), 0),
        held_bytes = held_bytes
            + iif(NEW.path IS NOT NULL AND NEW.erased_at IS NULL AND NEW.held_at IS NOT NULL, coalesce(NEW.size, 0), 0)
            - iif(OLD.path IS NOT NULL AND OLD.erased_at IS NULL AND OLD.held_at IS NOT NULL, coalesce(OLD.size, 0), 0),
        held = held
            + (NEW.held_at IS NOT NULL AND NEW.erased_at IS NULL)
            - (OLD.held_at IS NOT NULL AND OLD.erased_at IS NULL)
    WHERE line = NEW.line AND format = NEW.format;
END;
