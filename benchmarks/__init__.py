"""Benchmarks: the project beside a reference; see docs/performance.md."""
