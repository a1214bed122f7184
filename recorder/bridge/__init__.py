"""The desk, where every command enters, and the doors to it."""
