#!/usr/bin/env bash
# reqwest 0.13.5 (feature rustls-no-provider, which has its default verifier) beside 0.12.28.
#
# Expected: http:// needs no certificate, so the state of the CA store makes no difference to it.
# Happens:  0.13 makes the verifier together with the client. Where no CA is found, as in a container
#           without ca-certificates, building the client fails, and with it every http:// request. 0.12
#           with native roots builds its client and answers.
# Seen on 2026-11-28:
#           no store, 0.13: builder error: unexpected error: No CA certificates were loaded from the system
#           no store, 0.12: plain
# Touches:  programs that moved from 0.12 to 0.13 and only speak http in some set-ups (to a sidecar,
#           to localhost, in a build without a network). A package of one needs the package with the
#           store among its dependencies, whatever addresses it is used for.
# Way out:  give the client a root of its own, by tls_certs_merge() or tls_certs_only().
set -euo pipefail

unset SSL_CERT_FILE SSL_CERT_DIR
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
rustls = { version = "=0.23.46", default-features = false, features = ["ring", "std"] }
[dependencies.new]
package = "reqwest"
version = "=0.13.5"
default-features = false
features = ["blocking", "rustls-no-provider"]
[dependencies.old]
package = "reqwest"
version = "=0.12.28"
default-features = false
features = ["blocking", "rustls-tls-native-roots-no-provider"]
END
cat >src/main.rs <<'END'
use std::error::Error;
use std::io::{Read, Write};
use std::{env, fs, net::TcpListener, thread, time::Duration};

fn whole(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", whole(source)),
        None => error.to_string(),
    }
}

macro_rules! get {
    ($builder:expr, $url:expr) => {
        $builder.no_proxy().timeout(Duration::from_secs(10)).build()
            .and_then(|client| client.get($url).send()?.text())
            .unwrap_or_else(|error| whole(&error))
    };
}

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", server.local_addr().unwrap());
    thread::spawn(move || for stream in server.incoming() {
        let mut stream = stream.unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nplain");
    });
    let arguments: Vec<String> = env::args().collect();
    let root = || new::Certificate::from_pem(&fs::read(&arguments[2]).unwrap()).unwrap();
    println!("{}", match &*arguments[1] {
        "0.13" => get!(new::blocking::Client::builder(), &url),
        "merge" => get!(new::blocking::Client::builder().tls_certs_merge([root()]), &url),
        "only" => get!(new::blocking::Client::builder().tls_certs_only([root()]), &url),
        "0.12" => get!(old::blocking::Client::builder(), &url),
        other => panic!("{other}"),
    });
}
END
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out ca.pem -days 2 -subj '/CN=Test CA' 2>/dev/null
timeout 1200 cargo build --quiet --target-dir target

get() { # STORE CLIENT
    SSL_CERT_FILE=$dir/$1 timeout 30 target/debug/finding "$2" ca.pem
}
refused='builder error: unexpected error: No CA certificates were loaded from the system'
for client in 0.13 merge only 0.12; do
    same "a store of one CA, $client" plain "$(get ca.pem "$client")"
done
same 'no store, 0.13' "$refused" "$(get missing.pem 0.13)"
same 'no store, 0.13, own root merged' plain "$(get missing.pem merge)"
same 'no store, 0.13, own root only' plain "$(get missing.pem only)"
same 'no store, 0.12' plain "$(get missing.pem 0.12)"
