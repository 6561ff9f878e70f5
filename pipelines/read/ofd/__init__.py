"""OFD (GB/T 33190): what its pages draw, as placed characters and lines."""
