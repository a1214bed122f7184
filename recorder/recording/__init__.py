"""The recording machine: one recording as a pure function of what a line heard and was told, in frame time."""
