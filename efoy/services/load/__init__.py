"""How is a database filled for load work: fast, and without breaking an invariant?"""

from efoy.services.load.fill import Load, fill
from efoy.services.load.sign_in import sign_in_patients

__all__ = ["Load", "fill", "sign_in_patients"]
