//! What is found without looking at everything.

#![cfg(any(feature = "ring", feature = "aws-lc-rs"))]

use super::{authority, pem, write};
use crate::verify::TrustStore;
use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::UnixTime;
use std::fs;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// The quick way leads to one that is good, or to all that there are.
#[test]
fn nobody_is_refused_for_what_is_quick_to_find() {
    #[cfg(feature = "ring")]
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    #[cfg(not(feature = "ring"))]
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = || KeyPair::generate().unwrap();
    let (first_key, second_key, stranger_key) = (key(), key(), key());
    let ca = |name: &str| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    };
    let name = "A name that two certification authorities have";
    let first = ca(name).self_signed(&first_key).unwrap();
    let second = ca(name).self_signed(&second_key).unwrap();
    let higher = Issuer::new(ca("A higher authority"), key());
    let issued = ca(name).signed_by(&second_key, &higher).unwrap();
    let leaf = |key: &KeyPair| {
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params
            .signed_by(&KeyPair::generate().unwrap(), &Issuer::from_params(&ca(name), key))
            .unwrap()
    };
    let (by_first, by_second) = (leaf(&first_key), leaf(&second_key));
    let by_stranger = leaf(&stranger_key);
    let [first, second, issued] = [first, second, issued].map(|certificate| pem(&certificate).0);
    let odd = second.replace('\n', "\r\n");
    for (what, bundle) in [
        ("both", format!("{first}{second}")),
        ("the second in front", format!("{second}{first}")),
        ("the second is not ordinary", format!("{first}{odd}")),
        ("the second was issued by another", format!("{first}{issued}")),
        ("the first twice", format!("{first}{first}{second}")),
    ] {
        let directory = TempDir::new().unwrap();
        let path = write(&directory, "ca.pem", &bundle);
        // In each order, because the first handshake is another than the others.
        for order in [[&by_first, &by_second, &by_stranger], [&by_stranger, &by_second, &by_first]]
        {
            let verifier = TrustStore::load(&path).unwrap().verifier(Arc::clone(&provider));
            for _ in 0..2 {
                for leaf in order {
                    let server = "localhost".try_into().unwrap();
                    let verdict = verifier.verify_server_cert(
                        leaf.der(),
                        &[],
                        &server,
                        &[],
                        UnixTime::since_unix_epoch(Duration::from_secs(1_700_000_000)),
                    );
                    let is_ours = leaf.der() != by_stranger.der();
                    assert_eq!(verdict.is_ok(), is_ours, "{what}: {verdict:?}");
                }
            }
        }
    }
}

/// What verified a chain goes on doing so, also if the file was overwritten meanwhile.
#[test]
fn what_was_quick_to_find_is_kept() {
    let [a, b, c] = ["a", "b", "c"].map(|name| authority(&name.repeat(60)));
    let directory = TempDir::new().unwrap();
    let path = write(&directory, "ca.pem", [&a, &b, &c].map(|ca| pem(ca).0).concat());
    let store = TrustStore::load(&path).unwrap().snapshot;
    let some =
        |ca: &Certificate| store.some_roots_for([ca.der()].into_iter()).unwrap().anchors.len();
    assert_eq!((some(&b), some(&b)), (1, 1));
    assert_eq!(some(&c), 0, "who asks again asks for all");
    fs::write(&path, "something else").unwrap();
    assert_eq!(some(&b), 1);
    let all = |ca: &Certificate| store.roots_for([ca.der()].into_iter());
    assert_eq!(all(&b).unwrap().anchors.len(), 1);
    assert!(all(&c).err().unwrap().to_string().contains("overwritten"));
}

/// It may be back before it is noted that it is gone.
#[test]
fn what_is_gone_is_looked_for_at_each_look() {
    let a = authority(&"a".repeat(60));
    let directory = TempDir::new().unwrap();
    let path = write(&directory, "ca.pem", &pem(&a).0);
    let store = TrustStore::load(&path).unwrap().snapshot;
    let part = &store.parts()[0];
    fs::remove_file(&path).unwrap();
    let Err(refused) = part.open_again() else { panic!() };
    fs::write(&path, pem(&a).0).unwrap();
    let gone = part.gone(&refused.error);
    assert!(!gone.is_unchanged(), "nobody ever looks again");
}
