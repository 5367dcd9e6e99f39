"""Charts drawn here as SVG with labels in HTML: no script, no inline style, a sentence and a table beside each."""
