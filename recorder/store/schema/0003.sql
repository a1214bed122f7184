-- A recording that was erased keeps ids, times and why; its path stands until the files are gone.
ALTER TABLE recordings ADD COLUMN erased_at REAL;
ALTER TABLE recordings ADD COLUMN erased_why TEXT;
CREATE INDEX recordings_being_erased ON recordings (recording_id) WHERE erased_at IS NOT NULL AND path IS NOT NULL;
