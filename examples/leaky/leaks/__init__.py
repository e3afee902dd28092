"""Services that leak."""
