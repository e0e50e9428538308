"""How long pictures are kept, and what was removed."""
