import sys

from benchmarks import collector, fan_out, request
from benchmarks.servers import prepared_stack

if __name__ == "__main__":
    with prepared_stack() as stack:
        met = [request.run(stack), fan_out.run(stack)]
        collector.run(stack)
    sys.exit(0 if all(met) else "A target was missed.")
