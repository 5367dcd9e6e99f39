"""The pages: server-rendered HTML over the same operations as the API."""
