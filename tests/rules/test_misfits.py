"""What a pipeline asks of an engine that does not know it."""

import pytest

from masker.errors import ConfigError
from masker.rules.pipeline import parse_pipeline

FILES = "source: {url: 'sqlite:///a.db'}\ntarget: {url: 'sqlite:///b.db'}\n"
SERVERS = "source: {url: 'postgresql://a/a'}\ntarget: {url: 'postgres://b/b'}\n"


def found(text):
    try:
        made = parse_pipeline(f"version: 1\nname: p\n{text}", file="p.yaml", environ={})
    except ConfigError as refused:
        return [(each.id, str(each.position)) for each in refused.findings]
    return [(each.id, str(each.position)) for each in made.findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(FILES, [], id="files"),
        pytest.param(SERVERS, [], id="servers"),
        pytest.param(
            SERVERS + "tools: /opt/pg\npublish: {terminate: false}\n", [], id="pg has all"
        ),
        pytest.param(
            "source: {url: 'sqlite:///a.db'}\ntarget: {url: 'postgresql://b/b'}\ntools: /opt/pg\n",
            [("engines-differ:sqlite postgres", "p.yaml:4:10")],
            id="two engines",
        ),
        pytest.param(
            "source: {url: 'sqlite:///a.db', encoding: LATIN1, limits: {connections: 2}}\n"
            "target: {url: 'sqlite:///b.db', template: t, schema: keep, allow: [same-server]}\n"
            "tools: /opt/pg\npublish: {terminate: true, wait: 5s}\n",
            [
                ("means-nothing:source.encoding", "p.yaml:3:33"),
                ("means-nothing:source.limits.connections", "p.yaml:3:60"),
                ("means-nothing:target.template", "p.yaml:4:33"),
                ("means-nothing:target.schema", "p.yaml:4:46"),
                ("means-nothing:target.allow", "p.yaml:4:68"),
                ("means-nothing:tools", "p.yaml:5:1"),
                ("means-nothing:publish.terminate", "p.yaml:6:11"),
            ],
            id="nothing for files",
        ),
        pytest.param(
            "source: {url: 'sqlite:///a.db'}\n"
            "target: {url: 'sqlite:///b.db', schema: copy, allow: [unmarked-target]}\n",
            [],
            id="what files have",
        ),
        pytest.param(
            SERVERS.replace("b'}", "b', mode: replace, clear: truncate, schema: keep}")
            + "publish: {wait: 5s}\n",
            [],
            id="what a target that stays has",
        ),
        pytest.param(
            SERVERS.replace("b'}", "b', mode: append, clear: delete, schema: copy, template: t}")
            + "publish: {terminate: true, keep_previous: 1}\n",
            [
                ("means-nothing:target.clear", "p.yaml:4:47"),
                ("means-nothing:target.schema", "p.yaml:4:62"),
                ("means-nothing:target.template", "p.yaml:4:76"),
                ("means-nothing:publish.terminate", "p.yaml:5:11"),
                ("means-nothing:publish.keep_previous", "p.yaml:5:28"),
            ],
            id="nothing for a target that stays",
        ),
        pytest.param(
            FILES.replace("b.db'", "b.db', mode: replace, schema: keep, clear: truncate"),
            [("means-nothing:target.clear", "p.yaml:4:62")],
            id="files have no TRUNCATE",
        ),
        pytest.param("source: {url: 'oracle://a'}\ntarget: {url: x}\n", [], id="told elsewhere"),
    ],
)
def test_what_is_told(text, expected):
    assert found(text) == expected


def test_where_nothing_moves_source_and_target_need_not_go_together():
    text = (
        "version: 1\nname: p\nsource: {url: 'sqlite:///a.db'}\ntarget: {url: 'postgresql://b/b'}\n"
    )
    made = parse_pipeline(text, file="p.yaml", environ={}, moves=False)
    assert list(made.findings) == []
