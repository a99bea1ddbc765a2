"""What is fast, against what: CPU per operation, as ratios within one run. `make bench`."""
