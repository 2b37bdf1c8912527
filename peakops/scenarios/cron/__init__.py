"""What runs by itself: the jobs, and whether they ran."""
