"""What travels between the processes: the messages, how they become bytes, and how large they may be."""
