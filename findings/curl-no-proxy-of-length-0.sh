#!/usr/bin/env bash
# libcurl 8.23.0, by pycurl 7.49.0.
#
# Expected: a network in no_proxy covers the addresses whose first bits it has, as many as stand behind the
#           slash; of 0.0.0.0/0 and ::/0, none of whose bits count, that is all of IPv4, or of IPv6.
# Happens:  a length of 0 covers nothing, without a word; 1 covers what it says.
# Seen on 2026-11-29 (proxy: asked through it, which fails; direct: past it):
#           127.0.0.1: 127.0.0.0/8 direct, 127.0.0.1/1 direct, 0.0.0.0/0 proxy
#           [::1]: ::1/128 direct, ::/1 direct, ::/0 proxy
# Touches:  who writes 0.0.0.0/0 for "no proxy for bare addresses": each goes through the proxy.
# Way out:  two halves: 0.0.0.0/1,128.0.0.0/1. This library takes /0 as it stands.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
unset http_proxy https_proxy all_proxy no_proxy HTTPS_PROXY ALL_PROXY NO_PROXY

python3 -m venv venv
timeout 600 venv/bin/pip install --quiet --disable-pip-version-check pycurl==7.49.0
cat >finding.py <<'END'
import io
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pycurl


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Server6(HTTPServer):
    address_family = socket.AF_INET6


def way(url, no_proxy):
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.PROXY, "http://127.0.0.1:%d" % closed)
    curl.setopt(pycurl.NOPROXY, no_proxy)
    curl.setopt(pycurl.WRITEDATA, io.BytesIO())
    curl.setopt(pycurl.TIMEOUT, 10)
    try:
        curl.perform()
        return "direct"
    except pycurl.error as error:
        assert error.args[0] == pycurl.E_COULDNT_CONNECT, error
        return "proxy"


# Where nobody listens any more.
with socket.socket() as bound:
    bound.bind(("127.0.0.1", 0))
    closed = bound.getsockname()[1]
assert "libcurl/8.23.0" in pycurl.version, pycurl.version
for host, server, networks in [
    ("127.0.0.1", HTTPServer(("127.0.0.1", 0), Answer), ["127.0.0.0/8", "127.0.0.1/1", "0.0.0.0/0"]),
    ("[::1]", Server6(("::1", 0), Answer), ["::1/128", "::/1", "::/0"]),
]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = "http://%s:%d/" % (host, server.server_port)
    print(host + ":", ", ".join(network + " " + way(url, network) for network in networks))
END
timeout 120 venv/bin/python finding.py | tee seen
diff - seen <<'END'
127.0.0.1: 127.0.0.0/8 direct, 127.0.0.1/1 direct, 0.0.0.0/0 proxy
[::1]: ::1/128 direct, ::/1 direct, ::/0 proxy
END
