"""What the processes say of themselves: native fields in systemd's journal, text on a terminal, JSON otherwise."""
