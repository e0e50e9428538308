"""Groups of ``gridpatrol`` commands, one file a group."""
