"""What several adapters need of the network: other adapters may import this package."""
