"""Secrets are masked wherever an agent says them, and no text makes that slow or wrong."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palais.domain.secrets import MASK, masked
from palais.gateway import fields

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("use sk-abcdefghijklmnop1234 now", f"use sk-a{MASK} now"),
        ("sk-proj-abc_def-ghijklmnopqrs", f"sk-p{MASK}"),
        ("ghp_abcdefghijklmnop12345", f"ghp_{MASK}"),
        ("github_pat_11ABCDEFG0abcdefghij", f"gith{MASK}"),
        ("xoxb-123456789012-abcdef", f"xoxb{MASK}"),
        ("AKIAIOSFODNN7EXAMPLE", f"AKIA{MASK}"),
        ("AIzaSyA1234567890abcdefghijk", f"AIza{MASK}"),
        ("eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.sig-na_ture", f"eyJh{MASK}"),
        (f"{PEM} end", f"-----BEGIN RSA PRIVATE KEY-----{MASK}-----END RSA PRIVATE KEY----- end"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE", f"-----BEGIN PRIVATE KEY-----{MASK}"),
        ("Bearer abcdefgh12345", f"Bearer {MASK}"),
        ("curl -H 'Authorization: Bearer abc.def'", f"curl -H 'Authorization: Bearer {MASK}'"),
        ("Authorization: Basic dXNlcjpw", f"Authorization: Basic {MASK}"),
        ("postgres://me:p@ss@host/db", f"postgres://me:{MASK}@host/db"),
        ("redis://:hunter2@host", f"redis://:{MASK}@host"),
        ("DB_PASSWORD=hunter2 next", f"DB_PASSWORD={MASK} next"),
        ("export AWS_SECRET_ACCESS_KEY=ab/c+d", f"export AWS_SECRET_ACCESS_KEY={MASK}"),
        ('{"password": "a\\"b c", "n": 1}', f'{{"password": "{MASK}", "n": 1}}'),
        ('{"clientSecret":"x","apiKey":"y"}', f'{{"clientSecret":"{MASK}","apiKey":"{MASK}"}}'),
        ("{'passwd': 'it is long'}", f"{{'passwd': '{MASK}'}}"),
        ('{"args":"{\\"api_key\\":\\"x y\\"}"}', f'{{"args":"{{\\"api_key\\":\\"{MASK}\\"}}"}}'),
        ("mysql --password hunter2 -u me", f"mysql --password {MASK} -u me"),
        ("tool --api-key=abc --x", f"tool --api-key={MASK} --x"),
        ('["--token","abc"]', f'["--token","{MASK}"]'),
        ("secret: 42", f"secret: {MASK}"),
        ("export STRIPE_KEY=abc SMTP_PASS=x", f"export STRIPE_KEY={MASK} SMTP_PASS={MASK}"),
        ("SECRET_KEY_BASE=abc", f"SECRET_KEY_BASE={MASK}"),
        ('{"env":"A_KEY=\\"a b\\""}', f'{{"env":"A_KEY=\\"{MASK}\\""}}'),
        ("Uid=sa;Pwd=hunter2;", f"Uid=sa;Pwd={MASK};"),
        ("AccountKey=ab+/==;", f"AccountKey={MASK};"),
        ("password=b'hunter2'", f"password=b'{MASK}'"),
        ("mot de passe\u00a0: hunter2", f"mot de passe\u00a0: {MASK}"),
        ('"auth": {"user": "me", "pass": "x"}', f'"auth": {{"user": "me", "pass": "{MASK}"}}'),
        ("<password>hunter2</password>", f"<password>{MASK}</password>"),
        ("a?password%3Dhunter2&b", f"a?password%3D{MASK}&b"),
        ("login me password hunter2", f"login me password {MASK}"),
        ("curl -u me:hunter2 url", f"curl -u me:{MASK} url"),
        ('["curl", "-u", "me:x"]', f'["curl", "-u", "me:{MASK}"]'),
        ("Cookie: sid=abc; csrf=x", f"Cookie: {MASK}"),
        ('{"Cookie": "sid=abc"}', f'{{"Cookie": "{MASK}"}}'),
        ("Authorization: Bot abc.def", f"Authorization: Bot {MASK}"),
        ("https://a1b2c3d4e5f6a7b8@github.com/x", f"https://{MASK}@github.com/x"),
        ("https://hooks.slack.com/services/T0/B0/XXXX", f"https://hooks.slack.com/services/{MASK}"),
        ("glpat-abcdefghij1234567890", f"glpa{MASK}"),
        ("hf_abcdefghijklmnopqrstuvwxyz", f"hf_a{MASK}"),
        (
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\nabc",
            f"-----BEGIN PGP PRIVATE KEY BLOCK-----{MASK}",
        ),
    ],
)
def test_a_secret_is_masked_and_what_is_around_it_stays(said: str, shown: str) -> None:
    assert masked(said) == shown
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "said",
    [
        *("tokens: 12, max_tokens=5", '{"tokensIn": 7}', "token: null", '{"password": ""}'),
        *("the risk-assessment of the key figures", "task-1234567890123456789", "sk-short"),
        *("https://example.com/a?b=c", "mail me@example.com", "secretary: Ada", "a bearer of news"),
        *(
            "def login(name: str, password: str, token: str | None) -> bool:",
            "token = new()",
        ),
        *(
            "token = self.peek()",
            'password = request.form["password"]',
            "t = process.env.TOKEN",
        ),
        *("token = process.env.TOKEN;", "password=$DB_PASSWORD", "token: ${{ secrets.X }}"),
        *(
            "Unexpected token: foo",
            '{"nextPageToken": "CAA"}',
            "if token == None:",
            "--max-token 5",
        ),
        *("password: required", "the bearer instrument was signed", "risk-sk-learn-some-package"),
        *("token := range x", "PWD=/home/me", "a cookie: it is sweet", "sort -u a:b", "pass: 12"),
        *("eyJ is how it begins", "AKIA", "--token --verbose", "API keys are listed here"),
    ],
)
def test_what_is_no_secret_stays_as_it_is(said: str) -> None:
    assert masked(said) == said


@given(st.text(st.sampled_from("ask-_:=/@.\"'\\ \neyJghp" + MASK[0]), max_size=120))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = masked(f"password{text}")
    assert masked(once) == once


@given(st.dictionaries(st.sampled_from(["token", "note", "api_key"]), st.text(max_size=40)))
def test_json_stays_json(said: dict[str, str]) -> None:
    assert json.loads(masked(json.dumps(said))).keys() == said.keys()


HOSTILE = [
    *("a" * 100_000, "sk-" * 33_000, "eyJ" * 33_000, "eyJaaaaaaaa." * 8_000, "://" * 33_000),
    *("://a:" * 20_000, "://:" + ":" * 100_000, "bearer " * 14_000, "authorization:" * 7_000),
    *("-----BEGIN PRIVATE KEY-----" * 3_700, 'password="' * 10_000, 'password=\\"' * 9_000),
    *("--a-b-c-d-" * 10_000, "password:" + " " * 100_000, "token" + "\\" * 100_000),
    *("cookie: a=b;" * 9_000, "login a " * 12_000, "curl -u " * 12_000, "<a:token" * 12_000),
    *("A_KEY=" * 16_000, "token=" + "a." * 50_000, "hooks.slack.com/a/" * 5_000, "9:AA" * 25_000),
    *("token=self." + "a" * 100_000, "SG." + "a" * 100_000, "sk-a" * 25_000, "pass" * 25_000),
    *('"token":"' + "\\" * 99_999, "--pass" * 16_000, 'secret="a' * 11_000, "-token " * 14_000),
]


@pytest.mark.parametrize("said", HOSTILE, ids=lambda said: said[:12])
def test_a_hostile_text_of_100_kb_is_masked_all_the_same(said: str) -> None:
    # A pattern that tries again would take hours here, not milliseconds.
    assert "abcdefghijklmnop1234" not in masked(said + " sk-abcdefghijklmnop1234 ")


def test_a_secret_that_the_limit_would_cut_is_masked_before_it_is_cut() -> None:
    said = "x" * 590 + " ghp_abcdefghijklmnop12345"
    assert fields.safe_line(said, 600) == "x" * 590 + " ghp_" + MASK
    text, more = fields.contents("y" * 7_990 + " ghp_abcdefghijklmnop12345")
    assert (text, more) == ("y" * 7_990 + " ghp_" + MASK, False)


@pytest.mark.parametrize("hidden", ["\u200b", "\x00", "\u202e"])
def test_a_secret_in_pieces_that_cannot_be_seen_is_masked_too(hidden: str) -> None:
    said = f"ghp_abcdefgh{hidden}ijklmnop12345"
    assert fields.contents(said) == (f"ghp_{MASK}", False)
    assert fields.safe_line(said, 100) == f"ghp_{MASK}"
