"""What the pages ask of the database: plain SELECTs, one function a question, rows as values."""
