"""What `recorder selftest` plays, and how it judges what came back."""
