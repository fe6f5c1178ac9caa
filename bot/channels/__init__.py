"""How a reply fits a channel."""
