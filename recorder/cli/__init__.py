"""The shell's side: one parser, one thin module a command."""
