"""The outcome of an arecord process."""

import subprocess


def recorded_by(process: subprocess.Popen[bytes]) -> bytes:
    """What it recorded, once it is done; AssertionError with its complaint if it failed."""
    recorded, complaint = process.communicate(timeout=30)
    assert process.returncode == 0, complaint.decode()
    return recorded


def complaint_of(process: subprocess.Popen[bytes]) -> str:
    """Why it failed; AssertionError if it didn't."""
    _, complaint = process.communicate(timeout=10)
    assert process.returncode != 0
    return complaint.decode()
