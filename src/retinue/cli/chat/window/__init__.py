"""The window of a conversation: the line that is typed in it, its commands, its signals."""
