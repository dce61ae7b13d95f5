"""What is said, where it is known: words to phones, phones to times, times to lips."""
