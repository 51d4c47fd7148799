"""What bytes are a picture, and pictures as other kinds of picture."""
