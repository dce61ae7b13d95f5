"""What one actor teaches: recordings with captured faces, their way to speak, the faces of their emotions."""
