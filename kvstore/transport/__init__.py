"""How messages travel: ZeroMQ between processes, memory within one, and faults for tests."""
