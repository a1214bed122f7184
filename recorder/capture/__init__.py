"""The capture process: it opens devices, fills the lines' rings, plays beeps, and does nothing else."""
