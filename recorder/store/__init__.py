"""What must not be forgotten: calls, recordings, inputs and events in SQLite, and a line's checkpoint in tmpfs."""
