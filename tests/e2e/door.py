"""A person at the door of a running cockpit: logs in by the form, asks, and logs out."""

import http.client
import re
from typing import Self
from urllib.parse import urlencode

from tests.e2e.cockpit import PASSWORD

FORM = {"Content_Type": "application/x-www-form-urlencoded"}


class Visitor:
    """Keeps a cookie, as a browser does; each request has a connection of its own."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = ""
        self.heard: list[str] = []
        """Every answer, its headers included."""

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent["Cookie"] = self.cookie
        try:
            connection.request(method, path, body or None, sent)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            connection.close()
        self.heard.append(f"{answer.status} {answer.headers}{text}")
        self._cookies = answer.headers.get_all("Set-Cookie") or []
        return answer.status, text

    def log_in(self, password: str = PASSWORD) -> Self:
        status, text = self.ask("POST", "/login", urlencode({"password": password}), **FORM)
        assert status == 303, text
        self.cookie = self._cookies[0].partition(";")[0]
        return self

    def log_out(self) -> None:
        page = self.ask("GET", "/agents")[1]
        [token] = re.findall('name="csrf-token" content="([^"]+)"', page)
        assert self.ask("POST", "/logout", X_CSRF_Token=token)[0] == 303
