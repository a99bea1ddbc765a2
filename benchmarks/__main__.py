import sys

from benchmarks import collector, fan_out, request
from benchmarks.servers import environment

if __name__ == "__main__":
    with environment() as variables:
        met = [request.run(variables), fan_out.run(variables)]
        collector.run(variables)
    sys.exit(0 if all(met) else "A target was missed.")
