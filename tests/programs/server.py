"""A TLS server that only looks at how far a client comes. Started by tests/programs/cells.

Usage: server.py CHAIN KEY LOG PORT...

It listens on those ports of 127.0.0.1, whatever name a client asks for, and writes a line to LOG for each
thing that it sees: `listening`; `hello` when a handshake is begun; `refused` when the client breaks it off;
`request` when something arrives after it. An HTTP client is then told that there is nothing here, or is sent an
archive with nothing in it, so that tealdeer, which asks for one, comes to its end.
"""

import socket
import ssl
import sys
import threading

# Seconds; a client under valgrind, on a busy machine, is slow.
LIMIT = 60
NOTHING_HERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
ARCHIVE = b"HTTP/1.1 200 OK\r\nContent-Length: 22\r\nConnection: close\r\n\r\nPK\x05\x06" + bytes(18)


def main():
    chain, key, path, *ports = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    context.set_alpn_protocols(["http/1.1"])
    log = Log(path)
    listeners = [socket.create_server(("127.0.0.1", int(port)), backlog=64) for port in ports]
    log.write("listening")
    for listener in listeners:
        threading.Thread(target=accept, args=(listener, context, log)).start()


class Log:
    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8")
        self.lock = threading.Lock()

    def write(self, line):
        with self.lock:
            self.file.write(line + "\n")
            self.file.flush()


def accept(listener, context, log):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, context, log), daemon=True).start()


def serve(connection, context, log):
    port = connection.getsockname()[1]
    connection.settimeout(LIMIT)
    with connection:
        try:
            # A handshake is a record of type 22; a client that only connects has not begun one.
            if connection.recv(1, socket.MSG_PEEK) != b"\x16":
                return
            log.write(f"hello {port}")
            secured = context.wrap_socket(connection, server_side=True)
        except OSError as error:
            log.write(f"refused {port} {error}")
            return
        with secured:
            try:
                first = secured.recv(4096)
                # TLS 1.3: a client that does not like the certificate may say so after its own last message.
                log.write(f"request {port}" if first else f"refused {port} closed")
                secured.sendall(ARCHIVE if b".zip HTTP/" in first else NOTHING_HERE)
                secured.unwrap()
            except ssl.SSLError as error:
                log.write(f"refused {port} {error}")
            except OSError:
                pass


main()
