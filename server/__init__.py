"""A parameter server: shards and their clocks, sums and updates, and what it owes each worker."""
