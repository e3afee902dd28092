from __future__ import annotations
import sys
from typing import TYPE_CHECKING
from . import sibling
from ..pkg.mod import thing as other
from star import *

if TYPE_CHECKING:
    from t import A
else:
    from t import B
if not TYPE_CHECKING:
    import nt
try:
    import fast
except ImportError:
    import slow as fast
try:
    import must
except ImportError:
    raise
if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib
try:
    def later():
        import inner
except (ValueError, ModuleNotFoundError):
    pass
__all__ = ["later", "fast"] + ["gone"]
__all__ += ("sibling",)
