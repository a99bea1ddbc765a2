from stack.processes import ROOT, Process, Stack, eventually, query, samples

__all__ = ["ROOT", "Process", "Stack", "eventually", "query", "samples"]
