"""What actplot takes, beside what its users would run instead: ``python -m benchmarks --help``."""
