#!/usr/bin/env bash
# The crate p521 0.13.3 (on ecdsa 0.16.9) beside OpenSSL.
#
# Expected: a signature that another implementation made over a SHA-256 digest with a P-521 key verifies. FIPS
#           186-5 lets a digest be shorter than the order of the curve; it stands on the right then.
# Happens:  verify_prehash() refuses every digest that is shorter than half of a field element, 33 bytes for
#           P-521, with the same error as for a wrong signature. SHA-384 and SHA-512 verify.
# Seen on 2026-11-29, by OpenSSL 3.0's signatures, all of which OpenSSL verifies:
#           sha256: Err, sha384: Ok, sha512: Ok; sha256 with zeros before it: Ok
# Touches:  certificates by a CA with a P-521 key that signs with SHA-256, which OpenSSL does unless it is told
#           otherwise: they look forged.
# Way out:  put zero bytes before the digest up to 66, as the standard's conversion does; this library does.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

openssl ecparam -name secp521r1 -genkey -noout -out key.pem
openssl ec -in key.pem -pubout -outform DER -out key.der 2>/dev/null
echo hello >text
for hash in sha256 sha384 sha512; do
    openssl dgst "-$hash" -sign key.pem -out "$hash.sig" text
    openssl dgst "-$hash" -verify <(openssl ec -in key.pem -pubout 2>/dev/null) -signature "$hash.sig" text
    openssl dgst "-$hash" -binary -out "$hash.digest" text
done

mkdir src
cat >Cargo.toml <<'END'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[workspace]
[dependencies]
p521 = { version = "=0.13.3", default-features = false, features = ["ecdsa", "pkcs8", "std"] }
ecdsa = { version = "=0.16.9", features = ["std"] }
END
cat >src/main.rs <<'END'
use p521::ecdsa::signature::hazmat::PrehashVerifier;
use p521::ecdsa::{DerSignature, Signature, VerifyingKey};
use std::fs::read;

fn main() {
    let key = read("key.der").unwrap();
    // The last 133 bytes are the point.
    let key = VerifyingKey::from_sec1_bytes(&key[key.len() - 133..]).unwrap();
    let verify = |hash: &str, before: usize| {
        let digest = [vec![0; before], read(format!("{hash}.digest")).unwrap()].concat();
        let signature = DerSignature::try_from(&*read(format!("{hash}.sig")).unwrap()).unwrap();
        let signature = Signature::try_from(signature).unwrap();
        key.verify_prehash(&digest, &signature).map_or("Err", |()| "Ok")
    };
    let [a, b, c] = ["sha256", "sha384", "sha512"].map(|hash| verify(hash, 0));
    println!("sha256: {a}, sha384: {b}, sha512: {c}; sha256 with zeros before it: {}", verify("sha256", 34));
}
END
timeout 1200 cargo build --quiet --target-dir target
said=$(timeout 30 target/debug/finding)
echo "$said"
[[ $said == 'sha256: Err, sha384: Ok, sha512: Ok; sha256 with zeros before it: Ok' ]]
