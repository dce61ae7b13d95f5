"""Sound: decoding, resampling, features and prosody."""
