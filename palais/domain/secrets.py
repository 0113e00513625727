r"""Masks secrets in what agents say, before it is stored or sent anywhere.

It knows the shapes of well-known keys, and values that are secret by the name they are given. What
is masked twice looks the same. Each pattern takes linear time on any text: what may be tried again
is bounded, and what is not bounded is possessive, or the last of its pattern. No group is
possessive: Python before 3.11.5 matches those wrongly (gh-106052).
"""

import re
from typing import Final

MASK: Final = "\u2022" * 4

SHOWN: Final = 4
"""Characters of a well-known key that stay, so that one sees which kind it was."""

_QUOTE: Final = r"\\{0,7}[\"']"
_NAME: Final = (
    r"(?:pass(?:word|wd|phrase)|mot de passe|secret(?:_key_base)?"
    r"|(?<!unexpected )(?<!page)(?<!page_)(?<!next_)(?<!max[_-])token"
    r"|(?:api|access|private|secret|encryption|signing|account|master)[_-]?key"
    r"|client[_-]?secret|(?<=[a-z0-9]_)(?:pass|pwd)|(?<=;)pwd"
    rf"|(?<![\w-])pass(?={_QUOTE}[ \t]{{0,4}}:[ \t]{{0,4}}{_QUOTE})"
    r"|(?-i:(?<=[A-Z0-9]_)(?:KEY|PAT|CREDENTIALS?))(?=[=:]))"
)
_END: Final = r"(?![^\s\"'\\,;&|(){}\[\]<>:.?!])"
_CODE: Final = (
    r"(?:null|none|nil|undefined|true|false|str|string|bytes|int|integer|number|bool|boolean|any"
    rf"|object|optional|required|invalid|missing|expired|await|new|range){_END}"
    rf"|(?:self|this|args|config|settings|options|env|process\.env|os\.environ)\.[a-z_.]{{1,80}}{_END}"
    r"|[a-z_][a-z_.]{0,80}[(\[]|\$[{(]"
    rf"|\$(?-i:[A-Z_]{{1,80}}){_END}"
)
"""What stands for a value in a program, a type or a message, and tells none."""

_VALUE: Final = (
    r"(?:([\"'])(?:\\[^\n]|(?!\2)[^\\\n])+"
    r"|(\\{1,7}[\"'])(?:(?!\3)[^\n])+"
    rf"|(?!{_CODE})[^\s\"'\\,;&|(){{}}\[\]<>]++)"
)
_KNOWN: Final = (
    r"(?<![A-Za-z0-9])(?:(?<!-)sk-(?=(?:proj|ant|or)-|[\w-]{0,100}\d)[\w-]{16,}+"
    r"|[sr]k_(?:live|test)_\w{10,}+|gh[pousr]_\w{16,}+"
    r"|github_pat_\w{16,}+|glpat-[\w-]{16,}+|xox[a-z]-[\w-]{10,}+|A[KS]IA[A-Z0-9]{12,}+"
    r"|AIza[\w-]{20,}+|npm_[A-Za-z0-9]{30,}+|hf_[A-Za-z0-9]{24,}+|SG\.[\w-]{16,}+\.[\w-]{16,}+"
    r"|\d{8,12}:AA[\w-]{30,}+)"
)
_JWT: Final = r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{8,}+(?:\.[\w-]*+)?"
_MARK: Final = r"PRIVATE KEY(?: BLOCK)?-----"
_PEM: Final = rf"(-----BEGIN [A-Z ]{{0,40}}{_MARK}).*?(?=-----END [A-Z ]{{0,40}}{_MARK}|\Z)"
_USER: Final = r"(://[^\s/@:\"'\\]{0,200}:)[^\s/\"'\\]{1,400}(?=@)"
_LONE_USER: Final = r"(://)(?=[\w-]{0,100}\d)[\w-]{16,200}+(?=@)"
_HOOK: Final = r"(hooks\.slack\.com/[a-z]{1,20}/|/api/webhooks/\d{1,30}/)[\w/-]{10,}+"
_BEARER: Final = (
    r"\b(bearer[ \t]{1,8})(?=[^\s\"'\\,;]{0,200}(?:\d|[._=+/]\w)|[^\s\"'\\,;]{20})"
    r"[^\s\"'\\,;]{8,}+"
)
_HEADER: Final = (
    rf"(authorization(?:{_QUOTE})?[ \t]{{0,4}}[:=][ \t]{{0,4}}(?:{_QUOTE})?"
    r"(?:(?:basic|bearer|digest|token|bot|key|apikey|negotiate|aws4-hmac-sha256)[ \t]{1,4})?)"
    r"[^\s\"'\\,;]++"
)
_COOKIE: Final = (
    rf"(cookie(?:{_QUOTE})?[ \t]{{0,4}}:[ \t]{{0,4}}(?:{_QUOTE})?)"
    r"[\w.$-]{1,60}=[^\s;\"'\\]++(?:;[ \t]?[\w.$-]{1,60}=[^\s;\"'\\]*+){0,50}"
)
_IS: Final = r"[ \t\u00a0\u202f]{0,8}(?:=>|:=?+|={1,3}+|%3[AD])[ \t]{0,8}(?:[bfru]{1,2}(?=[\"']))?"
_GIVEN: Final = rf"({_NAME}(?:{_QUOTE})?{_IS}){_VALUE}"
_OPTION: Final = (
    rf"(-(?<![\w-]-)-?(?:[a-z0-9]{{1,20}}[-_]){{0,4}}{_NAME}"
    rf"(?:[ \t]{{1,4}}|{_QUOTE},[ \t]{{0,4}}(?={_QUOTE})))(?!-){_VALUE}"
)
_TAG: Final = rf"(<[\w:-]{{0,40}}{_NAME}>)[^<\n\"'\\]{{1,400}}(?=</)"
_LOGIN: Final = r"(\blogin[ \t]{1,4}[^\s\"'\\]{1,100}[ \t]{1,4}password[ \t]{1,4})[^\s\"'\\]++"
_CURL: Final = (
    rf"((?<![\w-])(?:-u|--user)(?:[ \t=]{{0,4}}(?:{_QUOTE})?|{_QUOTE},[ \t]{{0,4}}{_QUOTE})"
    r"[^\s:\"'\\]{1,100}:)[^\s\"'\\]++"
)


def _in_short(found: re.Match[str]) -> str:
    return found[0][:SHOWN] + MASK


def _after_its_name(found: re.Match[str]) -> str:
    opened = found[2] or found[3] or "" if found.re.groups > 1 else ""
    return found[1] + opened + MASK


_ANY: Final = re.ASCII | re.IGNORECASE


def _named(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, _ANY) for pattern in patterns)


_KEYS: Final = (
    *("sk-", "k_live_", "k_test_", "github_pat", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-"),
    *("xox", "akia", "asia", "aiza", "npm_", "hf_", "sg.", ":aa"),
)
_NAMES: Final = ("pass", "secret", "token", "key", "_pat", "_credential", "pwd")

_BY_WORD: Final = (
    (("private key",), (re.compile(_PEM, re.DOTALL),), _after_its_name),
    (_KEYS, (re.compile(_KNOWN, re.ASCII),), _in_short),
    (("eyj",), (re.compile(_JWT, re.ASCII),), _in_short),
    (("://",), (re.compile(_USER), re.compile(_LONE_USER, re.ASCII)), _after_its_name),
    (("hooks.slack", "/webhooks/"), _named(_HOOK), _after_its_name),
    (("bearer",), _named(_BEARER), _after_its_name),
    (("authorization",), _named(_HEADER), _after_its_name),
    (("cookie",), _named(_COOKIE), _after_its_name),
    (("curl",), _named(_CURL), _after_its_name),
    (("login",), _named(_LOGIN), _after_its_name),
    (_NAMES, _named(_OPTION, _TAG), _after_its_name),
)
"""What is looked for where one of its words is there: to look for a word alone costs little."""

_SHORT: Final = 200
_ANY_WORD: Final = re.compile(
    "|".join(
        (*(re.escape(word) for words, _, _ in _BY_WORD for word in words), "pat", "credential")
    )
)
"""In lower case: a word of any of them. To look for all at once is quicker in a short text."""

_GIVEN_ANYWHERE: Final = re.compile(_GIVEN, _ANY)
_PERHAPS_GIVEN: Final = re.compile(
    r"(?:pass(?:word|wd|phrase|e)?|secret(?:_key_base)?|token|key|pwd|pat|credentials?)"
    r"(?:\\{0,7}[\"'])?[ \t\u00a0\u202f]{0,8}(?:[=:]|%3[ad])"
)
"""In lower case: what every match of the other has, at a tenth of its price."""


def masked(text: str) -> str:
    """Return the text with the secrets in it masked; the very same one where it has none."""
    plain = text.lower()
    if len(plain) <= _SHORT and not _ANY_WORD.search(plain):
        return text
    for words, patterns, shown in _BY_WORD:
        for word in words:  # without any(): nothing else is done so often
            if word in plain:
                for pattern in patterns:
                    text = pattern.sub(shown, text)
                break
    return _GIVEN_ANYWHERE.sub(_after_its_name, text) if _PERHAPS_GIVEN.search(plain) else text
