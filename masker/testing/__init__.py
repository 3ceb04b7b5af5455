"""For tests of programs that use a database: fail where real people's data has got into it.

`pytest_plugins = ["masker.testing"]` in the topmost conftest.py gives the fixture
`no_personal_data`; without pytest's help there is `find_personal_data`. No entry point loads any of
this for whoever does not ask for it.
"""

from masker.testing.fixture import NoPersonalData, no_personal_data
from masker.testing.look import ENTITIES, find_personal_data

__all__ = ["ENTITIES", "NoPersonalData", "find_personal_data", "no_personal_data"]
