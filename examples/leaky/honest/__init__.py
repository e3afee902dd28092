"""Services that look alike and do not leak."""
