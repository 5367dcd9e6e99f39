"""Who is it: passwords, tokens, keys, limits; everything below the routes, usable without HTTP."""
