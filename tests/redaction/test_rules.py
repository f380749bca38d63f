"""What the rules find, and what they leave."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tracing.errors import ConfigError
from llm_tracing.redaction.redactor import Redactor
from llm_tracing.redaction.rules import Rules, parse_rules, read_built_in, read_rules, rules_for

ALL = read_built_in(["email", "card", "key", "ip", "phone"])
KEY = "sk-proj-abcdefghijklmnop1234567890"


def without(text: str, *names: str) -> str:
    sets = read_built_in(names)
    return Redactor(sets).text(text, rules_for(sets, "qa"))


@pytest.mark.parametrize(
    ("rule", "text", "left"),
    [
        ("email", "Write to ada.l+x@mail.example.co.uk, please.", "Write to [email], please."),
        ("email", '{"to": "a@b.io"}', '{"to": "[email]"}'),
        ("email", "no@address, a@b, @handle, user@localhost", "no@address, a@b, @handle, user@localhost"),
        ("card", "4111 1111 1111 1111 or 4111111111111111", "[card] or [card]"),
        ("card", "378282246310005, 5555-5555-5555-4444, 6011111111111117", "[card], [card], [card]"),
        ("card", "4111 1111 1111 1112", "4111 1111 1111 1112"),
        ("card", "1795435200000000000 and 4f1c09aa", "1795435200000000000 and 4f1c09aa"),
        ("key", f"key={KEY}.", "key=[key]."),
        ("key", "AKIAIOSFODNN7EXAMPLE and ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[key] and [key]"),
        ("key", "Authorization: Bearer abcdefghijklmnop.qrst==", "Authorization: [key]"),
        ("key", "-----BEGIN RSA PRIVATE KEY-----\nMIIB/a+b=\n-----END RSA PRIVATE KEY-----!", "[key]!"),
        ("key", "the bearer of this letter, sk-short", "the bearer of this letter, sk-short"),
        ("ip", "from 192.0.2.17:80, version 1.2.3, 999.1.1.1", "from [ip]:80, version 1.2.3, 999.1.1.1"),
        ("phone", "call +49 30 1234567 now", "call [phone] now"),
    ],
)
def test_what_a_built_in_rule_takes(rule: str, text: str, left: str) -> None:
    assert without(text, rule) == left


def test_of_two_that_overlap_the_first_and_longer_goes() -> None:
    sets = parse_rules("patterns: [{name: word, match: 'ada'}, {name: mail, match: 'ada@[a-z.]+'}]")
    assert Redactor(sets).text("ada@x.example ada", rules_for(sets, "any")) == "[mail] [word]"


@given(st.text())
def test_twice_is_as_once(text: str) -> None:
    redactor, rules = Redactor(ALL), rules_for(ALL, "qa")
    once = redactor.text(text, rules)
    assert redactor.text(once, rules) == once


def test_an_unlucky_pattern_costs_no_more_than_the_text_is_long() -> None:
    sets = parse_rules("patterns: [{name: bad, match: '(a+)+$'}]")
    began = time.process_time()
    assert Redactor(sets).text("a" * 50_000 + "!", rules_for(sets, "x")).endswith("!")
    assert time.process_time() - began < 10  # with backtracking it would take years


def test_sets_are_for_services() -> None:
    sets = parse_rules("- {services: ['qa', 'bill-*'], builtin: [email]}\n- {attributes: [user.*]}")
    assert [len(rules_for(sets, name).patterns) for name in ("qa", "bill-eu", "other")] == [1, 1, 0]
    assert rules_for(sets, "other").takes_whole("user.name")
    assert not Rules()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("builtin: [emial]", "No rule of redaction is called emial"),
        ("builtin: email", "builtin is a list"),
        ("words: [a]", "words is not known"),
        ("services: [qa]", "takes nothing out"),
        ("patterns: [{name: x}]", "a name and a match"),
        ("patterns: [{name: x, match: '(?<=a)b'}]", "no regular expression"),
        ("patterns: {name: x}", "patterns is a list"),
        ("[]", "no rules"),
        ("- 3", "a set is a mapping"),
        ("a: [", "not YAML"),
    ],
)
def test_rules_that_cannot_be_are_told(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace("(", r"\(")):
        parse_rules(text)


def test_the_setting_is_names_or_a_file(tmp_path: Path) -> None:
    assert [pattern.name for pattern in read_rules("email, key")[0].patterns] == ["email", "key"]
    (file := tmp_path / "rules.yaml").write_text("builtin: [card]")
    assert [pattern.name for pattern in read_rules(str(file))[0].patterns] == ["card"]
    for wrong in (" , ", str(tmp_path / "gone.yaml"), "nothing"):
        with pytest.raises(ConfigError):
            read_rules(wrong)
