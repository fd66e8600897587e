#!/usr/bin/env bash
# Zig's standard library, std.crypto.Certificate.Bundle (PyPI package ziglang 0.17.1).
#
# Expected: a bundle with two roots of one name trusts both, as when a CA takes a new key and keeps its
#           name, and both are in the store until the last server has moved.
# Happens:  the bundle keeps one certificate for each subject, the first that it reads, and drops the
#           other without a word. Whether a server is trusted depends on the order in the file.
# Seen on 2026-11-28, a server of the second root, and the `openssl` command (3.0.19) on the same files:
#           the second root alone:   zig: 1 root, ok;                           openssl: OK
#           second, then first:      zig: 1 root, ok;                           openssl: OK
#           first, then second:      zig: 1 root, CertificateSignatureInvalid;  openssl: OK
#           of different names:      zig: 2 roots, ok;                          openssl: OK
# Touches:  std.http.Client and all else in Zig that goes by the system's store. update-ca-certificates
#           appends what the administrator adds, so an added root of a name that is there already is the
#           one that is dropped. The error speaks of a bad signature; the chain is a good one.
# Way out:  give a new root a new name (a year, a number); else put it first, in a file of its own.
set -euo pipefail

unset SSL_CERT_FILE SSL_CERT_DIR
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
timeout 600 venv/bin/pip install --quiet --disable-pip-version-check ziglang==0.17.1
cat >finding.zig <<'END'
const std = @import("std");
const Certificate = std.crypto.Certificate;

// finding STORE SERVER, both absolute paths of PEM files
pub fn main(init: std.process.Init) !void {
    const gpa = init.arena.allocator();
    const paths = try init.minimal.args.toSlice(gpa);
    const now = std.Io.Clock.real.now(init.io);
    var store: Certificate.Bundle = .empty;
    try store.addCertsFromFilePathAbsolute(gpa, init.io, now, paths[1]);
    var server: Certificate.Bundle = .empty;
    try server.addCertsFromFilePathAbsolute(gpa, init.io, now, paths[2]);
    const parsed = try Certificate.parse(.{ .buffer = server.bytes.items, .index = 0 });
    const verdict = if (store.verify(parsed, now.toSeconds())) "ok" else |err| @errorName(err);
    std.debug.print("{d} {s}", .{ store.map.count(), verdict });
}
END
export ZIG_GLOBAL_CACHE_DIR=$dir/cache ZIG_LOCAL_CACHE_DIR=$dir/cache
timeout 600 venv/bin/python -m ziglang build-exe finding.zig
openssl version

root() { # FILE NAME
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.pem" \
        -subj "/CN=$2" -days 2 2>/dev/null
}
root first 'Test root'
root second 'Test root'
root other 'Another root'
printf 'subjectAltName = DNS:localhost\n' >extensions
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key -subj /CN=localhost 2>/dev/null |
    openssl x509 -req -CA second.pem -CAkey second.key -days 2 -extfile extensions -out server.pem 2>/dev/null

with() { # ZIG OPENSSL ROOT...
    local want=$1 want_openssl=$2 zig openssl root
    shift 2
    for root; do cat "$root.pem"; done >store.pem
    zig=$(timeout 10 ./finding "$dir/store.pem" "$dir/server.pem" 2>&1)
    openssl=$(openssl verify -no-CApath -no-CAstore -CAfile store.pem server.pem 2>&1 | tail -n 1) || true
    printf 'store of %s: zig: %s; openssl: %s\n' "$*" "$zig" "$openssl"
    [[ $zig == "$want" && $openssl == *"$want_openssl" ]] || { echo changed >&2; exit 1; }
}
with '1 ok' 'server.pem: OK' second
with '1 CertificateSignatureInvalid' 'verification failed' first
with '2 ok' 'server.pem: OK' other second
with '1 ok' 'server.pem: OK' second first
with '1 CertificateSignatureInvalid' 'server.pem: OK' first second
