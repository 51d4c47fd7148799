"""What happens, counted for Prometheus: wrappers around ports, each of which satisfies the port it wraps."""
