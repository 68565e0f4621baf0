//! Keys in, asks out, a picture. Does not know the terminal, SSH or files.
