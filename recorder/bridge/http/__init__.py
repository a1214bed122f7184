"""The HTTP door: contract section 6."""
