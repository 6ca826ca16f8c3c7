"""The server around the pages: its start and end, what a browser may ask of it, its health."""
