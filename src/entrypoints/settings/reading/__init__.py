"""Reading typed text: YAML with places, values of each kind, whole structures, mistakes with hints."""
