#!/usr/bin/env bash
# rustls-webpki 0.103.17 (what rustls 0.23 verifies with) beside the `openssl` command (3.0.19 then).
#
# Expected: an intermediate whose nameConstraints permit a directory name, say O=Example, may issue for
#           subjects with O=Example; one that excludes O=Other may issue for all others.
# Happens:  webpki does not compare directory names. With a permitted one none matches, with an excluded
#           one each does, the empty subject included: nothing below such an intermediate is ever
#           accepted. The error is NameConstraintViolation, and reads as if the name were a forbidden one.
# Seen on 2026-11-28, an intermediate for DNS:localhost, and a server localhost of O=Example:
#           + permitted dirName O=Example: webpki: NameConstraintViolation; openssl: OK
#           + excluded dirName O=Other:    webpki: NameConstraintViolation; openssl: OK
#           + excluded every IP address:   webpki: OK;                      openssl: OK
# Touches:  intermediates that are constrained for one organisation, for which the rules of the public CAs
#           ask for just this (DNS names, addresses and the subject's directory name together). curl, GnuTLS
#           and NSS reach such a server (run apart from this script), no client on rustls does.
# Way out:  leave the directory name out of the constraints of a private CA; else reach the servers by
#           another root, or by a client on OpenSSL.
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
[dependencies]
rustls-pki-types = { version = "=1.16.0", features = ["std"] }
rustls-webpki = { version = "=0.103.17", default-features = false, features = ["ring", "std"] }
END
cat >src/main.rs <<'END'
use rustls_pki_types::{pem::PemObject, CertificateDer, ServerName, UnixTime};
use webpki::{anchor_from_trusted_cert, EndEntityCert, Error, KeyUsage, ALL_VERIFICATION_ALGS};

fn verify(root: &CertificateDer, intermediate: CertificateDer, server: &CertificateDer) -> Result<(), Error> {
    let server = EndEntityCert::try_from(server)?;
    server.verify_for_usage(
        ALL_VERIFICATION_ALGS,
        &[anchor_from_trusted_cert(root)?],
        &[intermediate],
        UnixTime::now(),
        KeyUsage::server_auth(),
        None,
        None,
    )?;
    server.verify_is_valid_for_subject_name(&ServerName::try_from("localhost").unwrap())
}

fn main() {
    let [root, intermediate, server] = ["root.pem", "intermediate.pem", "server.pem"]
        .map(|path| CertificateDer::from_pem_file(path).unwrap());
    match verify(&root, intermediate, &server) {
        Ok(()) => println!("OK"),
        Err(error) => println!("{error:?}"),
    }
}
END
timeout 900 cargo build --quiet --target-dir target
openssl version

for key in root intermediate server; do
    openssl ecparam -name prime256v1 -genkey -noout -out $key.key
done
openssl req -x509 -new -key root.key -subj '/O=Example/CN=Test root' -days 2 -out root.pem

issue() { # NAME ISSUER SUBJECT EXTENSIONS
    printf '%s\n' "$4" >extensions
    openssl req -new -key "$1.key" -subj "$3" |
        openssl x509 -req -CA "$2.pem" -CAkey "$2.key" -days 2 -extfile extensions -out "$1.pem" 2>/dev/null
}
chain() { # CONSTRAINTS SUBJECT WEBPKI; openssl always accepts
    local webpki openssl
    issue intermediate root '/O=Example/CN=Test intermediate' "basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
nameConstraints = critical, permitted;DNS:localhost$1
[ example ]
O = Example
[ other ]
O = Other"
    issue server intermediate "$2" 'subjectAltName = critical, DNS:localhost
extendedKeyUsage = serverAuth'
    webpki=$(timeout 10 target/debug/finding)
    openssl=$(openssl verify -purpose sslserver -verify_hostname localhost -CAfile root.pem \
        -untrusted intermediate.pem server.pem 2>&1 | tail -n 1) || true
    printf 'DNS:localhost%s, server %s: webpki: %s; openssl: %s\n' "$1" "$2" "$webpki" "${openssl#server.pem: }"
    [[ $webpki == "$3" && $openssl == 'server.pem: OK' ]] || { echo changed >&2; exit 1; }
}
every_address='excluded;IP:0.0.0.0/0.0.0.0, excluded;IP:::/::'
chain '' /O=Example/CN=localhost OK
chain ", $every_address" /O=Example/CN=localhost OK
chain ', permitted;dirName:example' /O=Example/CN=localhost NameConstraintViolation
chain ', excluded;dirName:other' /O=Example/CN=localhost NameConstraintViolation
chain ', excluded;dirName:other' / NameConstraintViolation
