"""What is held on a person, and what becomes of it; and what must never be logged."""
