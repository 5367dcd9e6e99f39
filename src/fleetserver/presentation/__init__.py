"""How facts are written for people and read from them: shared by the pages and the command line."""
