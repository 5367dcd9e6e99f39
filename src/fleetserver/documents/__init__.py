"""The ``fleet`` commands of documents."""
