//! With the features that there are; ring is one of them.

use super::UnusableKey;
use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, alg_id};

#[cfg(feature = "more-algorithms")]
mod added;
#[cfg(feature = "more-algorithms")]
mod signed;

fn ring() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

/// A certificate with another key's algorithm and key. Nobody looks at its signature.
fn with_key(algorithm: &[u8], key: &[u8]) -> CertificateDer<'static> {
    use crate::read::der::{BIT_STRING, SEQUENCE, element, elements, encode};
    let own = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let der = CertificateParams::default().self_signed(&own).unwrap().der().to_vec();
    let certificate = element(&der).unwrap().content;
    let fields = element(certificate).unwrap();
    let mut fields: Vec<_> =
        elements(fields.content).map(|e| e.unwrap()).map(|e| encode(e.tag, e.content)).collect();
    let key = encode(BIT_STRING, &[&[0], key].concat());
    fields[6] = encode(SEQUENCE, &[encode(SEQUENCE, algorithm), key].concat());
    encode(SEQUENCE, &encode(SEQUENCE, &fields.concat())).into()
}

/// An RSAPublicKey with so many bytes, all of whose bits are set.
fn rsa(bytes: usize) -> Vec<u8> {
    use crate::read::der::{INTEGER, SEQUENCE, encode};
    let modulus = [vec![0], vec![0xff; bytes]].concat();
    encode(SEQUENCE, &[encode(INTEGER, &modulus), encode(INTEGER, &[1, 0, 1])].concat())
}

#[test]
fn keys_that_verify_nothing_are_told() {
    const RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    const PSS: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
    let more = cfg!(feature = "more-algorithms");
    for (algorithm, key, expected) in [
        (RSA, rsa(256), None),
        (RSA, rsa(1024), None),
        (RSA, rsa(128), Some(("RSA with 1024 bits", "2048"))),
        (RSA, rsa(1025), Some(("RSA with 8200 bits", "8192"))),
        (PSS, rsa(256), Some(("RSA-PSS", "issued anew"))),
        (b"\x06\x03\x2b\x65\x71", vec![7; 57], Some(("Ed448", "issued anew"))),
        (alg_id::ED25519.as_ref(), vec![7; 32], None),
        (alg_id::ECDSA_P256.as_ref(), vec![4; 65], None),
        (
            alg_id::ECDSA_P521.as_ref(),
            vec![4; 133],
            (!more).then_some(("ECDSA P-521", "more-algorithms")),
        ),
    ] {
        let found = UnusableKey::of(&with_key(algorithm, &key), &ring());
        let told = found.as_ref().map(|key| (key.algorithm(), key.to_string()));
        match (&told, expected) {
            (None, None) => {}
            (Some((name, text)), Some((expected, next))) => {
                assert_eq!(*name, expected);
                assert!(text.contains(name) && text.contains(next), "{text}");
            }
            _ => panic!("{told:?} is not {expected:?}"),
        }
    }
    assert_eq!(UnusableKey::of(&b"no certificate"[..].into(), &ring()), None);
}

/// Where nothing is added, what there is to do is told.
#[test]
fn without_what_is_added_the_next_step_is_told() {
    let own = ring().signature_verification_algorithms;
    let der = with_key(alg_id::ECDSA_P521.as_ref(), &[4; 133]);
    let key = UnusableKey::among(&der, &own).unwrap();
    assert_eq!(
        key.to_string(),
        "its key is ECDSA P-521, which this program cannot verify; it can where it is built with the \
         feature more-algorithms of cacerts, or with aws-lc-rs as its crypto provider"
    );
}

#[test]
fn a_refused_signature_is_told_in_a_sentence() {
    use super::unsupported;
    const SHA1: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00";
    const PSS: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
    const ED448: &[u8] = b"\x06\x03\x2b\x65\x71";
    let build = "feature more-algorithms";
    let (p521, sha256) = (alg_id::ECDSA_P521, alg_id::RSA_PSS_SHA256);
    for (signature, key, said, next) in [
        (alg_id::ECDSA_SHA512.as_ref(), None, "ECDSA with SHA-512, which", build),
        (
            alg_id::ECDSA_SHA256.as_ref(),
            Some(p521.as_ref()),
            "ECDSA with SHA-256, by a key that is ECDSA P-521, which",
            build,
        ),
        (SHA1, None, "RSA with SHA-1, which", "by a CA with an RSA key of 2048 bits"),
        (ED448, None, "Ed448, which", "issued anew, by a CA"),
        (sha256.as_ref(), Some(PSS), "RSA-PSS with SHA-256", "not for RSA-PSS alone"),
        (b"", None, "unknown, which", "issued anew"),
    ] {
        let text = unsupported(signature, key);
        assert!(text.starts_with("a signature in its chain is "), "{text}");
        assert!(text.contains(said) && text.contains(next) && text.len() < 400, "{text}");
    }
}

#[cfg(not(feature = "more-algorithms"))]
#[test]
fn without_the_feature_nothing_is_added() {
    use rustls::SignatureScheme;
    let (own, all) = (ring().signature_verification_algorithms, super::of(&ring()));
    assert!(std::ptr::eq(own.all, all.all) && std::ptr::eq(own.mapping, all.mapping));
    assert!(!all.supported_schemes().contains(&SignatureScheme::ECDSA_NISTP521_SHA512));
}
