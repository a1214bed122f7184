"""What the box promises: parameters, commands and events as pure data, checked; no I/O, no clock."""
