"""What is said in the recording, as the user knows it: a line, a text or a file; and where it was heard."""
