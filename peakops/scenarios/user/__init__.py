"""Access: people who cannot log in."""
