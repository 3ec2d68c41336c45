"""A worker: the dist store, the I/O thread behind it, joining a cluster and leaving it."""
