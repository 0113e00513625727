r"""Masks secrets in what agents say, before it is stored or sent anywhere.

It knows the shapes of well-known keys, and values that are secret by the name they are given. What
is masked twice looks the same. Each pattern takes linear time on any text: what may be tried again
is bounded, and what is not bounded is possessive.
"""

import re
from typing import Final

MASK: Final = "\u2022" * 4

SHOWN: Final = 4
"""Characters of a well-known key that stay, so that one sees which kind it was."""

_NAME: Final = (
    r"(?:pass(?:word|wd|phrase)|secret|token"
    r"|(?:api|access|private|secret)[_-]?key|client[_-]?secret)"
)
_QUOTE: Final = r"\\{0,7}[\"']"
_VALUE: Final = (
    r"(?:([\"'])(?:\\[^\n]|(?!\2)[^\\\n])++"
    r"|(\\{1,7}[\"'])(?:(?!\3)[^\n])++"
    r"|(?!(?:null|none|true|false)\b)[^\s\"'\\,;&|(){}\[\]<>]++)"
)
_KNOWN: Final = (
    r"(?<![A-Za-z0-9])(?:sk-[\w-]{16,}+|[sr]k_(?:live|test)_\w{10,}+|gh[pousr]_\w{16,}+"
    r"|github_pat_\w{16,}+|xox[a-z]-[\w-]{10,}+|A[KS]IA[A-Z0-9]{12,}+|AIza[\w-]{20,}+)"
)
_JWT: Final = r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{8,}+(?:\.[\w-]*+)?"
_PEM: Final = (
    r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----).*?(?=-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)"
)
_USER: Final = r"(://[^\s/@:\"'\\]{0,200}:)[^\s/\"'\\]{1,400}(?=@)"
_BEARER: Final = r"\b(bearer[ \t]{1,8})[^\s\"'\\,;]{8,}+"
_HEADER: Final = (
    rf"(authorization(?:{_QUOTE})?[ \t]{{0,4}}[:=][ \t]{{0,4}}(?:{_QUOTE})?"
    r"(?:(?:basic|bearer|digest|token)[ \t]{1,4})?)[^\s\"'\\,;]++"
)
_GIVEN: Final = rf"({_NAME}(?:{_QUOTE})?[ \t]{{0,8}}(?:=>|:=|:|={{1,3}})[ \t]{{0,8}}){_VALUE}"
_OPTION: Final = (
    rf"((?<![\w-])--?(?:[a-z0-9]{{1,20}}[-_]){{0,4}}{_NAME}"
    rf"(?:[ \t]{{1,4}}|{_QUOTE},[ \t]{{0,4}}(?={_QUOTE})))(?!-){_VALUE}"
)


def _in_short(found: re.Match[str]) -> str:
    return found[0][:SHOWN] + MASK


def _after_its_name(found: re.Match[str]) -> str:
    opened = found[2] or found[3] or "" if found.re.groups > 1 else ""
    return found[1] + opened + MASK


_ANY: Final = re.ASCII | re.IGNORECASE
_GH: Final = ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")
_KEY: Final = ((re.compile(_KNOWN, re.ASCII), _in_short),)
_NAMED: Final = (
    (re.compile(_GIVEN, _ANY), _after_its_name),
    (re.compile(_OPTION, _ANY), _after_its_name),
)
_BY_WORD: Final = (
    ("private key-----", ((re.compile(_PEM, re.DOTALL), _after_its_name),)),
    *(
        (word, _KEY)
        for word in ("sk-", "k_live_", "k_test_", "github_pat", *_GH, "xox", "akia", "asia", "aiza")
    ),
    ("eyj", ((re.compile(_JWT, re.ASCII), _in_short),)),
    ("://", ((re.compile(_USER), _after_its_name),)),
    ("bearer", ((re.compile(_BEARER, _ANY), _after_its_name),)),
    ("authorization", ((re.compile(_HEADER, _ANY), _after_its_name),)),
    *((word, _NAMED) for word in ("pass", "secret", "token", "key")),
)
"""What is looked for where a word of it is there: to look for the word alone costs little."""


def masked(text: str) -> str:
    """Return the text with the secrets in it masked; the very same one where it has none."""
    plain = text.lower()
    for word, rules in _BY_WORD:
        if word in plain:
            for pattern, shown in rules:
                text = pattern.sub(shown, text)
    return text
