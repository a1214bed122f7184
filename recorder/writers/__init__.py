"""Files of audio: how they grow, end, and are found again after a kill."""
