"""How `peakops sweep` goes through its sections, one after the other."""
