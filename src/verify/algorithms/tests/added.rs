//! Which algorithms are added, and where they stand.

use super::super::of;
use super::ring;
use rustls::SignatureScheme;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::alg_id;

#[test]
fn what_ring_lacks_stands_behind_what_it_has() {
    let own = ring().signature_verification_algorithms;
    let all = of(&ring());
    let pairs = |algorithms: &WebPkiSupportedAlgorithms| {
        let ids = algorithms.all.iter().map(|a| (a.public_key_alg_id(), a.signature_alg_id()));
        ids.collect::<Vec<_>>()
    };
    let (before, after) = (pairs(&own), pairs(&all));
    assert_eq!(after[..before.len()], before);
    assert_eq!(after.len(), before.len() + 5);
    assert!(after[before.len()..].iter().all(|pair| !before.contains(pair)));
    for ((scheme, before), (same, after)) in own.mapping.iter().zip(all.mapping) {
        let pairs = before.iter().zip(after.iter());
        assert!(pairs.clone().count() == before.len() && scheme == same);
        assert!(pairs.clone().all(|(one, two)| std::ptr::addr_eq(*one, *two)), "{scheme:?}");
    }
    let (scheme, algorithms) = all.mapping.last().unwrap();
    assert_eq!(*scheme, SignatureScheme::ECDSA_NISTP521_SHA512);
    // In TLS 1.3 the curve is fixed.
    assert_eq!(algorithms[0].public_key_alg_id(), alg_id::ECDSA_P521);
    // Once for a provider, however many configurations there are.
    let again = of(&ring());
    assert!(std::ptr::eq(all.all, again.all) && std::ptr::eq(all.mapping, again.mapping));
}

#[cfg(feature = "aws-lc-rs")]
#[test]
fn aws_lc_rs_lacks_nothing() {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let (own, all) = (provider.signature_verification_algorithms, of(&provider));
    assert!(std::ptr::eq(own.all, all.all) && std::ptr::eq(own.mapping, all.mapping));
}

/// Somebody who wants no ECDSA, or only one curve, gets none.
#[test]
fn what_was_narrowed_down_stays_narrow() {
    let own = ring().signature_verification_algorithms;
    let only = |keep: fn(&[u8]) -> bool| {
        let all = own.all.iter().copied().filter(|a| keep(a.public_key_alg_id().as_ref()));
        let all = all.collect::<Vec<_>>().leak();
        let algorithms = WebPkiSupportedAlgorithms { all, mapping: &[] };
        let before = algorithms.all.len();
        let provider = CryptoProvider { signature_verification_algorithms: algorithms, ..ring() };
        let added = of(&provider);
        let ids = added.all[before..].iter().map(|a| a.public_key_alg_id());
        (ids.collect::<Vec<_>>(), added.supported_schemes())
    };
    let (rsa, schemes) = only(|id| id == alg_id::RSA_ENCRYPTION.as_ref());
    assert!(rsa.is_empty() && schemes.is_empty());
    let (small, schemes) = only(|id| id == alg_id::ECDSA_P256.as_ref());
    assert_eq!((small, schemes), (vec![alg_id::ECDSA_P256], Vec::new()));
    let (large, schemes) = only(|id| id == alg_id::ECDSA_P384.as_ref());
    assert!(!large.contains(&alg_id::ECDSA_P256) && large.len() == 4, "{large:?}");
    assert_eq!(schemes, [SignatureScheme::ECDSA_NISTP521_SHA512]);
}
