"""Security incidents: accounts in the wrong hands, and too many requests."""
