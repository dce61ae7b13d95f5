"""What hears emotion: in voices, in words, in both, and in faces."""
