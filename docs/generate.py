# ruff: noqa: INP001 - a folder of pages; its scripts are run, never imported as a package
"""Write docs/reference/ from what the code says of itself: `make docs`.

Each page is one function that returns Markdown; `pages` names them. tests/test_docs.py fails when
what is committed differs from what this makes.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import typer
from finding_codes import Code, collect
from pipeline_keys import pipeline_page

from masker import errors
from masker.cli.app import app
from masker.engines.postgres.errors import STATES
from masker.errors import MaskerError
from masker.pipelines.planning import UNSAFE
from masker.rules.environment import Environment
from masker.rules.packs import Match, PackRule, load_shipped, shipped
from masker.transformers import registry

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"
SENTENCES = ROOT / "docs" / "findings.toml"
_ABOUT_STATES = """What a server reports is told as `postgres-` and its SQLSTATE, such as
`postgres-42501`, or `postgres-connection`. The longest prefix decides. The server's own text is
never shown, for it may quote a row."""
_ORDER = {"error": 0, "warning": 1, "note": 2}


def sentences() -> dict[str, str]:
    """Return the sentence of every code, as people wrote them."""
    return tomllib.loads(SENTENCES.read_text(encoding="utf-8"))


def transformers_page() -> str:
    """Return every transformer, made from its own description."""
    return _page(
        "Transformers",
        "What each transformer does, takes and promises. How they work together stands in\n"
        "[masking](../masking.md); `masker show NAME` prints the same.",
        [registry.reference().rstrip()],
    )


def packs_page() -> str:
    """Return every rule of the shipped packs."""
    return _page(
        "Rule packs",
        "Shipped packs, rule by rule, in order. [Rules](../rules.md) says which one decides.",
        [part for name in shipped() for part in _pack(name)],
    )


def _pack(name: str) -> Iterator[str]:
    pack = load_shipped(name, Environment({}, ROOT))
    yield f"## `{name}`"
    yield _table(
        ("id", "matches", "verdict"),
        ((f"`{rule.id}`", _match(rule.match), _verdict(rule)) for rule in pack.rules),
    )


def _match(match: Match) -> str:
    return "; ".join(
        f"{name}: {_listed(value)}"
        for name in Match.model_fields
        if (value := getattr(match, name)) is not None
    )


def _verdict(rule: PackRule) -> str:
    said = [f"`{rule.use}`"]
    said += [f"{name}: {_listed(value)}" for name, value in rule.with_.items()]
    said += [
        f"{name}: `{value}`"
        for name, value in (("domain", rule.domain), ("when", rule.when), ("locale", rule.locale))
        if value is not None
    ]
    return ", ".join(said)


def _listed(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    items = value if isinstance(value, tuple | list) else [value]
    return ", ".join(f"`{item}`" for item in items)


def findings_page() -> str:
    """Return every code that a finding or an error may carry."""
    codes, told = collect(ROOT), sentences()
    return _page(
        "Findings",
        "A finding has a code, a severity, a place and help. Its id is `code:subject`, such as\n"
        "`live-range:shop.customers.phone`. An **error** stops the run. A **warning** stops it\n"
        "unless its id stands under `accept:` in the pipeline. A **note** stops nothing.\n\n"
        "Errors before a row is read end with exit code 2, those marked † with 3. What the audit\n"
        "finds ends with 4 (`leak`) or 5. Where the table says `exit N`, that is the only way the\n"
        "code is told.",
        [
            _table(
                ("code", "severity", "told by", "what is wrong"),
                (
                    (f"`{code.code}`", _severity(code), ", ".join(sorted(code.rooms)), sentence)
                    for code in sorted(codes.values(), key=lambda each: each.code)
                    if (sentence := told.get(code.code, ""))
                ),
            ),
            f"## SQLSTATEs\n\n{_ABOUT_STATES}",
            _table(
                ("SQLSTATE", "exit", "what is wrong", "help"),
                (
                    (f"`{state}`" + ("…" if len(state) < len("00000") else ""),
                     str(kind.exit_code), sentence, mend)
                    for state, (kind, sentence, mend) in sorted(STATES.items())
                ),
            ),
        ],
    )  # fmt: skip


def _severity(code: Code) -> str:
    mark = "†" if code.code in UNSAFE else ""
    told = sorted(code.told, key=lambda each: (_ORDER.get(each, -1), each))
    return ", ".join(each + (mark if each == "error" else "") for each in told)


def exit_codes_page() -> str:
    """Return every exit code, made from the error tree."""
    kinds = [kind for kind in vars(errors).values() if _is_leaf_code(kind)]
    rows = [("0", "", "Done.")] + [
        (str(kind.exit_code), f"`{kind.__name__}`", _first_line(kind.__doc__ or ""))
        for kind in sorted(kinds, key=lambda kind: (kind.exit_code, kind.__mro__.__len__()))
    ]
    return _page(
        "Exit codes",
        "What the caller should do. The library raises the error; the command line ends with its\n"
        "code. [Commands](../commands.md#exit-codes) says what to do about each.",
        [_table(("exit", "error", "means"), rows)],
    )


def _is_leaf_code(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, MaskerError) and kind is not MaskerError


def commands_page() -> str:
    """Return every command with its options, made from the command line itself."""
    return _page(
        "Command line",
        "Every command and option. [Commands](../commands.md) shows them at work.",
        ["## Before the command", *_options(typer.main.get_command(app)), *_commands()],
    )


def commands() -> Iterator[tuple[str, typer.core.TyperCommand]]:
    """Yield every command that does something, with its whole name."""
    yield from _below("masker", typer.main.get_command(app))


def _below(name: str, command: object) -> Iterator[tuple[str, typer.core.TyperCommand]]:
    if isinstance(command, typer.core.TyperGroup):
        for word, each in command.commands.items():
            yield from _below(f"{name} {word}", each)
    elif isinstance(command, typer.core.TyperCommand):
        yield name, command


def _commands() -> Iterator[str]:
    for name, command in commands():
        arguments = [each for each in command.params if each.param_type_name == "argument"]
        words = [
            f"{each.name.upper()}" if each.required else f"[{each.name.upper()}]"
            for each in arguments
        ]
        yield f"## `{' '.join([name, *words])}`"
        yield str(command.help)
        yield from _options(command)


def _options(command: object) -> Iterator[str]:
    rows = [
        (_spelled(each), _default(each), str(each.help or ""))
        for each in command.params
        if each.help and each.name != "help"
    ]
    if rows:
        yield _table(("", "default", "means"), rows)


def _spelled(param: object) -> str:
    if param.param_type_name == "argument":
        return f"`{param.name.upper()}`"
    flag = isinstance(param.default, bool) or param.is_eager
    value = "" if flag else f" {param.opts[0].lstrip('-').upper()}"
    return ", ".join(f"`{each}{value}`" for each in param.opts)


def _default(param: object) -> str:
    if param.required:
        return "required"
    unset = param.default is None or isinstance(param.default, bool)
    return "" if unset else f"`{param.default}`"


def _page(title: str, about: str, parts: Iterable[str]) -> str:
    made = "<!-- Made by `make docs`; change the code instead. -->"
    return "\n\n".join([made, f"# {title}", about, *parts]) + "\n"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    ).replace("|  |", "| |")


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0]


PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "exit-codes.md": exit_codes_page,
    "findings.md": findings_page,
    "packs.md": packs_page,
    "pipeline.md": pipeline_page,
    "transformers.md": transformers_page,
}


def pages() -> dict[str, str]:
    """Return every generated page by its file name."""
    return {name: make() for name, make in PAGES.items()}


def main() -> None:
    """Write every page; remove what is not one."""
    FOLDER.mkdir(exist_ok=True)
    made = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(made)} pages in {FOLDER.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
