"""Services that others would write, to measure ours beside them."""
