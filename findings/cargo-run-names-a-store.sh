#!/usr/bin/env bash
# cargo (1.95.0 when this was written, the build of the Rust project, which has its own OpenSSL).
#
# Expected: a program started by `cargo run` or `cargo test` has the environment of the one who types
#           it, with cargo's own CARGO_* added.
# Happens:  at its start cargo looks for the system's CA store and, where the two variables name none
#           that exists, sets SSL_CERT_FILE and SSL_CERT_DIR for itself. What it starts inherits them:
#           build scripts, tests, and the program.
# Seen on 2026-11-28 with a program of std alone that prints the two:
#           started directly:  not set, not set
#           by cargo run:      SSL_CERT_FILE=/usr/lib/ssl/cert.pem, SSL_CERT_DIR=/usr/lib/ssl/certs
#           by cargo run with SSL_CERT_FILE set to the empty string: the same
#           in a build script: the same
# Touches:  whoever tries out under cargo which store a program finds by itself, or what it says when
#           there is no variable: it never sees that case. A test of a default passes under `cargo test`
#           and fails when the same executable is started by hand. A build script that bakes the
#           variable's value in bakes in the build machine's path.
# Way out:  start target/debug/NAME directly, or have cargo start it by a runner that takes the two
#           away again (`env -u`), as below; then the caller's own are gone, too.
set -euo pipefail

unset SSL_CERT_FILE SSL_CERT_DIR
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
END
# What the build script saw is in the program as text.
cat >build.rs <<'END'
fn main() {
    println!("cargo::rustc-env=AT_BUILD={}", std::env::var("SSL_CERT_FILE").unwrap_or_default());
}
END
cat >src/main.rs <<'END'
fn main() {
    if std::env::args().count() > 1 {
        return println!("{}", env!("AT_BUILD"));
    }
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        match std::env::var(name) {
            Ok(value) => println!("{name}={value}"),
            Err(_) => println!("{name} not set"),
        }
    }
}
END
cargo --version
timeout 300 cargo build --quiet --target-dir target
by_cargo() {
    timeout 300 cargo run --quiet --target-dir target
}
failed() {
    printf 'changed: %s\n' "$*" >&2
    exit 1
}

none=$'SSL_CERT_FILE not set\nSSL_CERT_DIR not set'
printf 'started directly:\n%s\n' "$(target/debug/finding)"
[[ $(target/debug/finding) == "$none" ]] || failed 'the variables are set without cargo'

built=$(target/debug/finding build)
printf 'by the build script: SSL_CERT_FILE=%s\n' "$built"
[[ $built == /* ]] || failed 'the build script sees no variable (or this system has no CA store)'

# A file that exists is left as it is.
touch mine.pem
[[ $(SSL_CERT_FILE=$dir/mine.pem by_cargo) == *"SSL_CERT_FILE=$dir/mine.pem"* ]] ||
    failed 'cargo replaces a file that exists'

seen=$(by_cargo)
printf 'by cargo run:\n%s\n' "$seen"
[[ $seen =~ SSL_CERT_FILE=/ && $seen =~ SSL_CERT_DIR=/ ]] ||
    failed 'cargo sets nothing (or this system has no CA store)'
[[ $(SSL_CERT_FILE='' by_cargo) == "$seen" ]] || failed 'cargo leaves an empty variable alone'

host=$(rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
without=$(env "CARGO_TARGET_${host}_RUNNER=env -u SSL_CERT_FILE -u SSL_CERT_DIR" \
    timeout 300 cargo run --quiet --target-dir target)
printf 'by cargo run with a runner:\n%s\n' "$without"
[[ $without == "$none" ]] || failed 'the runner does not help'
