"""The doctor: whether everything that is configured can be reached, and what it may do there."""
