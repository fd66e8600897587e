//! What OpenSSL has signed, and what was made of it.

use super::super::ecdsa::{P256_SHA512, P384_SHA512, P521_SHA256, P521_SHA384, P521_SHA512};
use rustls::pki_types::SignatureVerificationAlgorithm;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const MESSAGE: &[u8] = b"what is signed";

/// Each with what OpenSSL calls its curve and hash.
const ALL: [(&dyn SignatureVerificationAlgorithm, &str, &str); 5] = [
    (P256_SHA512, "P-256", "sha512"),
    (P384_SHA512, "P-384", "sha512"),
    (P521_SHA256, "P-521", "sha256"),
    (P521_SHA384, "P-521", "sha384"),
    (P521_SHA512, "P-521", "sha512"),
];

fn openssl(directory: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    command.args(arguments.split(' ')).current_dir(directory).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "openssl {arguments}: {output:?}");
}

/// A public key, as webpki hands it over: the point; and a signature by it.
fn signed(curve: &str, hash: &str) -> (Vec<u8>, Vec<u8>) {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::write(at.join("message"), MESSAGE).unwrap();
    openssl(at, &format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{curve} -out key"));
    openssl(at, "pkey -in key -pubout -outform DER -out public");
    openssl(at, &format!("dgst -{hash} -sign key -out signature message"));
    let public = fs::read(at.join("public")).unwrap();
    let size = match curve {
        "P-256" => 65,
        "P-384" => 97,
        _ => 133,
    };
    (public[public.len() - size..].to_vec(), fs::read(at.join("signature")).unwrap())
}

/// The two numbers of a signature, as DER has them.
fn numbers(signature: &[u8]) -> [Vec<u8>; 2] {
    use crate::read::der::{element, elements};
    let mut numbers = elements(element(signature).unwrap().content);
    [(); 2].map(|()| numbers.next().unwrap().unwrap().content.to_vec())
}

fn sequence(numbers: &[Vec<u8>]) -> Vec<u8> {
    use crate::read::der::{INTEGER, SEQUENCE, encode};
    let numbers: Vec<_> = numbers.iter().map(|number| encode(INTEGER, number)).collect();
    encode(SEQUENCE, &numbers.concat())
}

#[test]
fn what_openssl_has_signed_is_verified_and_nothing_else() {
    for (algorithm, curve, hash) in ALL {
        let ((key, signature), (other, _)) = (signed(curve, hash), signed(curve, hash));
        let verify = |key: &[u8], message: &[u8], signature: &[u8]| {
            algorithm.verify_signature(key, message, signature).is_ok()
        };
        assert!(verify(&key, MESSAGE, &signature), "{curve} {hash}");
        assert!(!verify(&other, MESSAGE, &signature), "another key");
        assert!(!verify(&key, b"what was not signed", &signature), "another message");
        for (name, bad) in odd_keys(&key) {
            assert!(!verify(&bad, MESSAGE, &signature), "{curve} {hash}: {name}");
        }
        for (name, bad) in odd_signatures(&signature) {
            assert!(!verify(&key, MESSAGE, &bad), "{curve} {hash}: {name}");
        }
    }
    // Each has its own hash.
    let (key, signature) = signed("P-521", "sha512");
    for other in [P521_SHA256, P521_SHA384] {
        assert!(other.verify_signature(&key, MESSAGE, &signature).is_err());
    }
}

fn odd_keys(key: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let half = key.len() / 2;
    // Whether the last bit is set tells the two points apart that have the first number.
    let sign = 2 + (key[key.len() - 1] & 1);
    vec![
        ("nothing", Vec::new()),
        ("the point at infinity", vec![0]),
        ("compressed", [&[sign], &key[1..=half]].concat()),
        ("hybrid", [&[sign + 4], &key[1..]].concat()),
        ("cut off", key[..key.len() - 1].to_vec()),
        ("more behind it", [key, &[0]].concat()),
        ("not on the curve", [&key[..key.len() - 1], &[key[key.len() - 1] ^ 1]].concat()),
        ("too large", [&[4], &vec![0xff; key.len() - 1][..]].concat()),
        ("zeros", [&[4], &vec![0; key.len() - 1][..]].concat()),
    ]
}

fn odd_signatures(signature: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let [r, s] = numbers(signature);
    let zero = vec![0];
    let longer = |number: &[u8]| [&[0], number].concat();
    let negative = |number: &[u8]| [&[number[0] | 0x80], &number[1..]].concat();
    let mut long_length = signature.to_vec();
    if signature[1] == 0x81 {
        long_length.splice(1..2, [0x82, 0]);
    } else {
        long_length.insert(1, 0x81);
    }
    vec![
        ("nothing", Vec::new()),
        ("r is 0", sequence(&[zero.clone(), s.clone()])),
        ("s is 0", sequence(&[r.clone(), zero.clone()])),
        ("both are 0", sequence(&[zero.clone(), zero])),
        ("the other way round", sequence(&[s.clone(), r.clone()])),
        ("r alone", sequence(std::slice::from_ref(&r))),
        ("three numbers", sequence(&[r.clone(), s.clone(), s.clone()])),
        ("r is longer than it has to be", sequence(&[longer(&r), s.clone()])),
        ("s is longer than it has to be", sequence(&[r.clone(), longer(&s)])),
        ("r is negative", sequence(&[negative(&r), s.clone()])),
        ("r is empty", sequence(&[Vec::new(), s.clone()])),
        ("s is enormous", sequence(&[r.clone(), vec![0x7f; 66]])),
        ("s is longer than any", sequence(&[r.clone(), vec![0x7f; 2000]])),
        ("a length in more bytes than it takes", long_length),
        ("of indefinite length", [&[0x30, 0x80], &signature[2..], &[0, 0]].concat()),
        ("more behind it", [signature, &[0]].concat()),
        ("cut off", signature[..signature.len() - 1].to_vec()),
        ("a SET", [&[0x31], &signature[1..]].concat()),
        ("the numbers without DER", [r, s].concat()),
    ]
}

/// Bits changed, bytes left out, and an end that is missing: never verified, and never a panic.
#[test]
fn nothing_that_was_changed_is_verified() {
    for (algorithm, curve, hash) in ALL {
        let (key, signature) = signed(curve, hash);
        let verify = |key: &[u8], signature: &[u8]| {
            algorithm.verify_signature(key, MESSAGE, signature).is_ok()
        };
        assert!(verify(&key, &signature));
        for at in 0..signature.len() {
            let (before, rest) = signature.split_at(at);
            // The structure in all ways, of the numbers a few: each takes the time of a verification.
            let bits = match at {
                0..8 => 0..8,
                _ if at % 8 == 0 => 0..1,
                _ => 0..0,
            };
            for changed in bits
                .map(|bit| [before, &[rest[0] ^ 1 << bit], &rest[1..]].concat())
                .chain([[before, &rest[1..]].concat(), before.to_vec()])
            {
                assert!(!verify(&key, &changed), "{curve} {hash}: at {at}");
            }
        }
        for at in (0..key.len()).step_by(13) {
            let mut changed = key.clone();
            changed[at] ^= 1;
            assert!(!verify(&changed, &signature) && !verify(&key[..at], &signature));
        }
    }
}

/// Of the same bytes aws-lc-rs says the same, but that it takes compressed points, which ring does not.
#[cfg(feature = "aws-lc-rs")]
#[test]
fn aws_lc_rs_says_the_same() {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    for (algorithm, curve, hash) in ALL {
        let theirs = provider.signature_verification_algorithms.all.iter().find(|theirs| {
            theirs.public_key_alg_id() == algorithm.public_key_alg_id()
                && theirs.signature_alg_id() == algorithm.signature_alg_id()
        });
        let theirs = theirs.unwrap();
        let (key, signature) = signed(curve, hash);
        let same = |what: &str, key: &[u8], signature: &[u8]| {
            let [ours, theirs] = [algorithm, *theirs]
                .map(|algorithm| algorithm.verify_signature(key, MESSAGE, signature).is_ok());
            assert_eq!(ours, theirs, "{curve} {hash}: {what}");
        };
        same("sound", &key, &signature);
        for (name, odd) in odd_keys(&key).into_iter().filter(|(name, _)| *name != "compressed") {
            same(name, &odd, &signature);
        }
        for (name, odd) in odd_signatures(&signature) {
            same(name, &key, &odd);
        }
    }
}
