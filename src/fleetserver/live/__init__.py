"""Live events: a WebSocket for API clients, a stream of server-sent events for pages."""
