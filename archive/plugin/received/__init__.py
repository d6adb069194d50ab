"""What was received: snapshots, raw bytes, records, and their times (Memento)."""
