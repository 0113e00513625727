"""Runs nginx with nchan, and posts every event of the gateway to it. Only nginx is measured.

python -m bench.nchan.bridge NGINX MODULE FOLDER GATEWAY_URL PORT
"""

import contextlib
import http.client
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import websocket

from bench.processes import mortal

CONFIGURATION: Final = """
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
load_module {module};
error_log stderr;
pid {folder}/nginx.pid;
events {{ worker_connections 10000; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /publish {{ nchan_publisher http; nchan_channel_id bench; }}
    location = /api/sse {{
      nchan_subscriber eventsource;
      nchan_channel_id bench;
      nchan_subscriber_first_message newest;
    }}
  }}
}}
"""


def main(program: str, module: str, folder: str, gateway: str, port: str) -> None:
    """Serve until the gateway goes away."""
    config = Path(folder) / "nginx.conf"
    config.write_text(CONFIGURATION.format(module=module, folder=folder, port=port))
    command = [program, "-p", folder, "-c", str(config), "-e", "stderr"]
    nginx = subprocess.Popen(mortal(command))
    try:
        publisher = _connected(int(port))
        with contextlib.closing(websocket.create_connection(gateway)) as events:
            while text := events.recv():
                publisher.request("POST", "/publish", body=text)
                publisher.getresponse().read()
    except (websocket.WebSocketException, OSError) as error:
        print(f"bridge: {error}", file=sys.stderr)
    finally:
        nginx.terminate()
        nginx.wait()


def _connected(port: int) -> http.client.HTTPConnection:
    deadline = time.monotonic() + 10
    while True:
        try:
            publisher = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            publisher.connect()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return publisher


if __name__ == "__main__":
    main(*sys.argv[1:])
