"""Expressions evaluated on JSON values."""

from __future__ import annotations

from typing import Any

import pytest

from opgen import regex
from opgen.cel import EvaluationError, Program, Scope

ENTRY = {"type": "object", "properties": {"k": {"type": "string"}, "v": {"type": "integer"}}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "s": {"type": "string"},
        "n": {"type": "integer"},
        "f": {"type": "number"},
        "t": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "d": {"type": "string", "format": "duration"},
        "b": {"type": "string", "format": "byte"},
        "l": {"type": "array", "items": {"type": "integer"}},
        "set": {
            "type": "array",
            "items": {"type": "string"},
            "x-kubernetes-list-type": "set",
        },
        "entries": {
            "type": "array",
            "items": ENTRY,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["k"],
        },
        "m": {"type": "object", "additionalProperties": {"type": "string"}},
        "p": {"x-kubernetes-int-or-string": True},
        "foo-bar": {"type": "string"},
        "namespace": {"type": "string"},
        "absent": {"type": "string", "nullable": True},
    },
}
VALUE: dict[str, Any] = {
    "s": "10.0.0.1",
    "n": 3,
    "f": 1,
    "t": "2026-01-01T00:00:00.5+01:00",
    "day": "2026-02-03",
    "d": "1h30m",
    "b": "YQBi",
    "l": [3, 1, 2],
    "set": ["a", "b"],
    "entries": [{"k": "a", "v": 1}, {"k": "b", "v": 2}],
    "m": {"k": "v", "foo-bar": "w"},
    "p": "80%",
    "foo-bar": "x",
    "namespace": "ns",
    "absent": None,
}
OLD = {**VALUE, "set": ["b", "a"], "entries": VALUE["entries"][::-1]}

TRUE = """
self.n == 3 && self.n > 2.5
self.f == 1.0 && type(self.f) == double
self.t < timestamp('2026-01-01T00:00:00Z') && self.t.getFullYear() == 2025
self.day == timestamp('2026-02-03T00:00:00Z')
self.d == duration('90m') && self.d.getMinutes() == 90
self.b.size() == 3 && self.b == b'a\\x00b'
self.l.sum() == 6 && self.l.max() == 3 && self.l.min() == 1 && !self.l.isSorted()
self.l.indexOf(2) == 2 && self.l.lastIndexOf(7) == -1 && self.l.sort() == [1, 2, 3]
self.s.indexOf('0') == 1 && self.s.lastIndexOf('.') == 6
[duration('1h'), duration('1m')].max() == duration('1h')
[duration('1h'), duration('1m')].sum() == duration('61m')
self.set == oldSelf.set && self.entries == oldSelf.entries
self.m == oldSelf.m && self.l == oldSelf.l
self.m['foo-bar'] == 'w' && 'k' in self.m
type(self.p) == string && self.p.endsWith('%')
self.foo__dash__bar == 'x' && self.namespace == 'ns' && self.__namespace__ == 'ns'
!has(self.absent)
ip(self.s).family() == 4 && string(ip(self.s)) == self.s && ip.isCanonical(self.s)
ip('::1').isLoopback() && ip('0.0.0.0').isUnspecified() && ip('10.1.1.1').isGlobalUnicast()
ip('224.0.0.1').isLinkLocalMulticast() && ip('fe80::1').isLinkLocalUnicast()
isIP('1.2.3.4') && !isIP('1.2.3') && !isIP('::ffff:1.2.3.4') && !isIP('fe80::1%eth0')
cidr('10.0.0.0/8').containsIP(ip(self.s)) && cidr('10.0.0.0/8').containsIP('10.1.2.3')
cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.0.0.0/8').containsCIDR('0.0.0.0/0')
cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && cidr('10.1.2.3/8').prefixLength() == 8
cidr('10.1.2.3/8').ip() == ip('10.1.2.3') && isCIDR('::/0') && !isCIDR('10.0.0.0')
quantity('1Gi') == quantity('1024Mi') && quantity('0.5') == quantity('500m')
quantity('1.5').add(2).isGreaterThan(quantity('3'))
quantity('1k').sub(quantity('1')).asInteger() == 999
quantity('1').compareTo(quantity('2')) == -1 && sign(quantity('-5')) == -1
!quantity('0.5').isInteger() && quantity('0.5').asApproximateFloat() == 0.5 && !isQuantity('1Z')
url('https://a.b:80/p?q=1&q=2').getPort() == '80' && isURL('/path') && !isURL('a b')
url('https://a.b:80/p?q=1&q=2').getQuery()['q'] == ['1', '2']
url('https://u@[::1]:80/p%20q').getHostname() == '::1'
url('https://a.b:80').getHost() == 'a.b:80'
url('https://a/p%20q').getEscapedPath() == '/p%20q' && url('https://a').getScheme() == 'https'
format.dns1123Label().validate(self.s).hasValue()
format.named('dns1123Label').value().validate('ok') == optional.none()
!format.named('nothing').hasValue()
format.uuid().validate('a)').orValue([]).size() == 1
format.qualifiedName().validate('example.com/x').orValue([]) == []
format.dns1123LabelPrefix().validate('a-') == optional.none()
semver('1.2.3').isLessThan(semver('v1.10', true))
semver('1.0.0-a').isLessThan(semver('1.0.0'))
semver('1.2.3').major() == 1 && semver('1.2.3').patch() == 3
!isSemver('1.2') && isSemver('1.2', true)
semver('1.0.0-alpha.2').compareTo(semver('1.0.0-alpha.10')) == -1
self.l.all(i, v, i < 3) && self.m.transformList(k, v, v).size() == 2
'%s-%d'.format([self.s, self.n]) == '10.0.0.1-3'
self.?s.orValue('') == self.s && optional.of(1).optMap(x, x + 1).value() == 2
self.l.first().value() == 3 && sets.contains(self.l, [1]) && self.l.reverse() == [2, 1, 3]
"""
FOUND = r"""
self.s.find('[0-9]+') == '10' && self.s.findAll('[0-9]+').size() == 4
self.s.findAll('0', 1) == ['0'] && self.s.findAll('0', 0) == []
self.s.findAll('0', -1).size() == 3
'baac'.findAll('a*') == ['', 'aa', ''] && 'a1é'.findAll('\\pL') == ['a', 'é']
'K\u212a'.find('(?i)^k+$') == 'K\u212a' && 'aaa'.find('(?U)a+') == 'a'
'a.b'.find('\\Q.b\\E\\z') == '.b' && 'ab'.find('(?P<n>a)(?P<n>b)') == 'ab'
"""
"""What `find` and `findAll` find; every result is that of Go."""
FAILING = {
    "self.m['x'] == 'a'": "no such key: x",
    "self.l[7] == 1": "index out of bounds: 7",
    "self.n / 0 == 1": "division by zero",
    "self.n % 0 == 1": "modulus by zero",
    "self.p > 3": "no such overload",
    "self.n + 9223372036854775807 > 0": "integer overflow",
    "self.s.find('(' + self.s) == ''": (
        "Illegal regex: error parsing regexp: missing closing ): `(10.0.0.1`"
    ),
    "[].min() == 1": "min called on empty list",
    "quantity('0.5').asInteger() == 1": "cannot convert value to integer",
    "ip('x').family() == 4": (
        'IP Address "x" parse error during conversion from string: ParseAddr("x"): unable to '
        "parse IP"
    ),
}


@pytest.mark.parametrize("rule", TRUE.strip().splitlines())
def test_true(rule: str) -> None:
    scope = Scope.of(SCHEMA)
    assert scope and not scope.check(rule).mistake
    assert Program(rule, SCHEMA).is_true(VALUE, OLD)


@pytest.mark.skipif(not regex.installed(), reason="google-re2 is not installed")
@pytest.mark.parametrize("rule", FOUND.strip().splitlines())
def test_found(rule: str) -> None:
    test_true(rule)


@pytest.mark.parametrize(("rule", "words"), FAILING.items())
def test_failing(rule: str, words: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        Program(rule, SCHEMA).evaluate(VALUE)
    assert str(raised.value) == words


def test_what_the_server_tells_of_a_failing_rule() -> None:
    error = EvaluationError("no such key: x")
    assert error.detail({"rule": "a"}) == "no such key: x evaluating rule: a"
    assert error.detail({"rule": "a", "message": " m "}) == "no such key: x evaluating rule: m"
    assert EvaluationError("no such overload").detail({"rule": "a"}) == (
        "'no such overload': call arguments did not match a supported operator, function or macro "
        "signature for rule: a"
    )


def test_optional_old_self() -> None:
    program = Program(
        "!oldSelf.hasValue() || oldSelf.value().n < self.n", SCHEMA, optional_old_self=True
    )
    assert program.uses_old_self
    assert program.is_true({"n": 3})
    assert program.is_true({"n": 3}, {"n": 2})
    assert not program.is_true({"n": 3}, {"n": 3})


def test_messages() -> None:
    message = Program("'n is ' + string(self.n)", SCHEMA)
    assert message.message({"n": 3}) == "n is 3"
    assert message.message({}) == ""
    assert Program("'a\\nb'", SCHEMA).message({}) == ""
    assert Program("'a' + self.s", SCHEMA).message({"s": "x" * 6000}) == ""


def test_a_value_that_has_not_its_format() -> None:
    with pytest.raises(EvaluationError, match="Invalid date-time formatted string soon"):
        Program("self.n == 1", SCHEMA).evaluate({"n": 1, "t": "soon"})


def test_sets_of_different_items_differ() -> None:
    program = Program("self.set == oldSelf.set", SCHEMA)
    assert not program.is_true({"set": ["a", "b"]}, {"set": ["a", "c"]})
    assert not program.is_true({"set": ["a", "b"]}, {"set": ["a"]})


def test_the_root_is_a_whole_object() -> None:
    program = Program("self.metadata.name == 'a'", {"type": "object"}, is_resource=True)
    assert program.is_true({"metadata": {"name": "a"}})
