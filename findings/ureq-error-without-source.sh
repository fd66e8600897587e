#!/usr/bin/env bash
# ureq 3.5.2 beside 2.12.1.
#
# Expected: an error that is made of another one gives it as its source(), as std's documentation has it, so
#           that a program finds the cause (an io::Error, a rustls::Error) by going from one to the next.
# Happens:  ureq::Error of 3.x implements Error without source(), also where it holds an io::Error or a
#           boxed error. Whoever goes through the chain, as anyhow and eyre do, finds ureq's error alone. 2.x
#           has a source().
# Seen on 2026-11-29:
#           3.5.2: no source, into_io: ConnectionRefused
#           2.12.1: source: ConnectionRefused
# Touches:  programs that look for the cause to say what to do, such as why a certificate is refused; they
#           have moved from 2 to 3 and find nothing.
# Way out:  take it apart: ureq::Error::into_io() gives the io::Error, whose get_ref() has rustls' error.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

same() { # WHAT WANTED GOT
    [[ $3 == "$2" ]] || { printf 'changed: %s: %s\n     not: %s\n' "$1" "$3" "$2" >&2; exit 1; }
    printf '%s: %s\n' "$1" "$3"
}

mkdir src
cat >Cargo.toml <<'END'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[workspace]
[dependencies]
new = { package = "ureq", version = "=3.5.2", default-features = false }
old = { package = "ureq", version = "=2.12.1", default-features = false }
END
cat >src/main.rs <<'END'
use std::error::Error;
use std::io;
use std::net::TcpListener;

fn source(error: &dyn Error) -> String {
    let Some(mut error) = error.source() else { return "no source".to_owned() };
    while let Some(next) = error.source() {
        error = next;
    }
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    format!("source: {:?}", kind.unwrap())
}

fn main() {
    // A port where nobody listens any more.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{address}/");
    let agent: new::Agent = new::Agent::config_builder().proxy(None).build().into();
    let new = agent.get(&url).call().unwrap_err();
    println!("3.5.2: {}, into_io: {:?}", source(&new), new.into_io().kind());
    let agent = old::AgentBuilder::new().try_proxy_from_env(false).build();
    println!("2.12.1: {}", source(&agent.get(&url).call().unwrap_err()));
}
END
timeout 1200 cargo build --quiet --target-dir target
said=$(timeout 30 target/debug/finding)
same 'ureq 3' '3.5.2: no source, into_io: ConnectionRefused' "$(head -n 1 <<< "$said")"
same 'ureq 2' '2.12.1: source: ConnectionRefused' "$(tail -n 1 <<< "$said")"
