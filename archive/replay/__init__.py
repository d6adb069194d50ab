"""Pages as they were received, made harmless and led back into the archive. Pure: no network, clock, disk."""
