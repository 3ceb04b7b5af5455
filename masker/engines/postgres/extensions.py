"""Extensions that a schema needs, and whether the loading role can have them."""

from __future__ import annotations

from collections.abc import Iterable

from masker.engines.postgres.session import Session
from masker.findings import Finding, error

_STATES = """
SELECT a.name, e.oid IS NOT NULL,
       (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
       OR bool_or(NOT v.superuser OR v.trusted)
  FROM pg_catalog.pg_available_extensions a
  LEFT JOIN pg_catalog.pg_extension e ON e.extname = a.name
  LEFT JOIN pg_catalog.pg_available_extension_versions v
         ON v.name = a.name AND v.version = a.default_version
 WHERE a.name = ANY (%s) GROUP BY 1, 2
"""


def check(session: Session, wanted: Iterable[str]) -> list[Finding]:
    """Say which extensions the session's database neither has nor can be given by this role."""
    names = sorted(set(wanted))
    states = {name: (has, may) for name, has, may in session.query(_STATES, [names])}
    found: list[Finding] = []
    for name in names:
        has, may = states.get(name, (False, None))
        if has or may:
            continue
        if may is None:
            found.append(
                error(
                    "extension-missing",
                    f"the target's server does not have the extension `{name}`",
                    subject=name,
                    help="install the extension's package on the target's server",
                )
            )
        else:
            found.append(
                error(
                    "extension-not-creatable",
                    f"the loading role may not create the extension `{name}`",
                    subject=name,
                    help="let a superuser create an empty database that has it, marked as a "
                    "template, and name it as `target.template`, or with --template to "
                    "`masker load`",
                )
            )
    return found
