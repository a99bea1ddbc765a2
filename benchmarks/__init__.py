"""CPU time per operation of alternative implementations, as ratios within one run: `make bench`."""
