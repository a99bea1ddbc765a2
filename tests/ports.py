from stack.ports import free_port, wait_for_port

__all__ = ["free_port", "wait_for_port"]
