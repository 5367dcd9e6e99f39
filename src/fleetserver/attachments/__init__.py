"""The ``fleet`` commands of attachments."""
