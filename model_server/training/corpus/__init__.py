"""What speech there is to learn from: real, synthesised, augmented; stored as parts and read as batches."""
