"""Events on their way to status_url: one POST per state, signed, in order, for 72 hours."""
