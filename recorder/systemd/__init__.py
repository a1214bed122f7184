"""The service manager's side: what it is told, and the watchdog that it keeps on us."""
