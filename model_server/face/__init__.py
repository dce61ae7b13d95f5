"""What a face does besides articulating: it lives (blinks, gaze, brows, head) and it feels (mood)."""
