"""A file for each command: its own options, and the picture or the text that it makes of them."""
