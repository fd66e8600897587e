//! What key a certificate is for, as people write it: `ECDSA P-521`, `RSA with 1024 bits`. It may use
//! `der`.
//!
//! Nothing is decided by the words. An algorithm is known here by the content of its AlgorithmIdentifier
//! (RFC 5280, section 4.1.1.2), as rustls has it in its errors and in what its providers verify.

use super::der::{BIT_STRING, INTEGER, OID, SEQUENCE, element, elements};
use std::fmt::Write;

const VERSION: u8 = 0xa0;

pub(super) const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
pub(super) const RSA_PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
/// id-ecPublicKey, whose parameters are the curve.
pub(super) const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";

const CURVES: &[(&[u8], &str)] = &[
    (b"\x2a\x86\x48\xce\x3d\x03\x01\x07", "P-256"),
    (b"\x2b\x81\x04\x00\x22", "P-384"),
    (b"\x2b\x81\x04\x00\x23", "P-521"),
    (b"\x2b\x81\x04\x00\x21", "P-224"),
    (b"\x2b\x81\x04\x00\x0a", "secp256k1"),
    (b"\x2b\x24\x03\x03\x02\x08\x01\x01\x07", "brainpoolP256r1"),
    (b"\x2b\x24\x03\x03\x02\x08\x01\x01\x0b", "brainpoolP384r1"),
    (b"\x2b\x24\x03\x03\x02\x08\x01\x01\x0d", "brainpoolP512r1"),
    (b"\x2a\x81\x1c\xcf\x55\x01\x82\x2d", "SM2"),
];

/// Of keys without a size, and of signatures that have the same identifier.
pub(super) const PLAIN: &[(&[u8], &str)] = &[
    (b"\x2b\x65\x70", "Ed25519"),
    (b"\x2b\x65\x71", "Ed448"),
    (b"\x2a\x86\x48\xce\x38\x04\x01", "DSA"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x03\x11", "ML-DSA-44"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x03\x12", "ML-DSA-65"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x03\x13", "ML-DSA-87"),
];

/// The public key of a certificate.
pub(crate) struct Key<'a> {
    /// The content of its AlgorithmIdentifier.
    pub(crate) algorithm: &'a [u8],
    /// Of an RSA key: how long its modulus is.
    pub(crate) rsa_bits: Option<usize>,
}

impl<'a> Key<'a> {
    /// That of a certificate in DER; `None` where it is not understood.
    pub(crate) fn of(certificate: &'a [u8]) -> Option<Self> {
        let fields = element(element(certificate)?.content_of(SEQUENCE)?)?.content_of(SEQUENCE)?;
        let version = usize::from(element(fields)?.tag == VERSION);
        // Behind serial number, algorithm, issuer, validity and subject.
        let info = elements(fields).nth(version + 5)??.content_of(SEQUENCE)?;
        let algorithm = element(info)?;
        let bits = element(algorithm.rest)?.content_of(BIT_STRING)?;
        let algorithm = algorithm.content_of(SEQUENCE)?;
        let rsa_bits = match id(algorithm)? {
            RSA => Some(modulus_bits(bits)?),
            _ => None,
        };
        Some(Self { algorithm, rsa_bits })
    }

    /// What it is, as people write it.
    pub(crate) fn in_words(&self) -> String {
        match self.rsa_bits {
            Some(bits) => format!("RSA with {bits} bits"),
            None => key_in_words(self.algorithm),
        }
    }
}

/// How long the modulus of an RSAPublicKey (RFC 8017, appendix A.1.1) in a BIT STRING is.
fn modulus_bits(bits: &[u8]) -> Option<usize> {
    let key = element(bits.strip_prefix(&[0])?)?.content_of(SEQUENCE)?;
    Some(integer_bits(element(key)?.content_of(INTEGER)?))
}

/// How long the content of an INTEGER that is not negative is.
pub(super) fn integer_bits(content: &[u8]) -> usize {
    let zeros = content.iter().take_while(|&&byte| byte == 0).count();
    let number = &content[zeros..];
    number.len() * 8 - number.first().map_or(0, |byte| byte.leading_zeros() as usize)
}

/// A key's algorithm, as people write it.
pub(crate) fn key_in_words(algorithm: &[u8]) -> String {
    let Some((id, parameters)) = split(algorithm) else { return "unknown".to_owned() };
    match id {
        RSA => "RSA".to_owned(),
        RSA_PSS => "RSA-PSS".to_owned(),
        EC => match element(parameters).and_then(|curve| curve.content_of(OID)) {
            Some(curve) => format!("ECDSA {}", named(CURVES, curve)),
            None => "ECDSA on a curve without a name".to_owned(),
        },
        _ => named(PLAIN, id),
    }
}

/// The OBJECT IDENTIFIER of an algorithm, and its parameters.
pub(super) fn split(algorithm: &[u8]) -> Option<(&[u8], &[u8])> {
    let id = element(algorithm)?;
    Some((id.content_of(OID)?, id.rest))
}

pub(super) fn id(algorithm: &[u8]) -> Option<&[u8]> {
    split(algorithm).map(|(id, _)| id)
}

pub(super) fn named(names: &[(&[u8], &str)], id: &[u8]) -> String {
    let name = names.iter().find(|(known, _)| *known == id);
    name.map_or_else(|| dotted(id), |(_, name)| (*name).to_owned())
}

/// An identifier as its numbers, by which everybody can look it up.
fn dotted(id: &[u8]) -> String {
    let mut text = String::from("algorithm ");
    let mut number = 0_u64;
    let mut is_first = true;
    for byte in id {
        number = number.saturating_mul(128) | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        let _ = if is_first {
            let first = (number / 40).min(2);
            write!(text, "{first}.{}", number - first * 40)
        } else {
            write!(text, ".{number}")
        };
        (number, is_first) = (0, false);
    }
    text
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Key, key_in_words};
    use crate::read::der::{self, INTEGER, OID, SEQUENCE, encode};
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
    use rustls::pki_types::alg_id;

    fn hex(text: &str) -> Vec<u8> {
        let pairs = (0..text.len()).step_by(2);
        pairs.map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    /// An algorithm by its id in hexadecimal digits.
    pub(in crate::read) fn with(id: &str, parameters: &[u8]) -> Vec<u8> {
        [encode(OID, &hex(id)), parameters.to_vec()].concat()
    }

    #[test]
    fn keys_are_called_what_people_call_them() {
        let curve = |id| with("2a8648ce3d0201", &encode(OID, &hex(id)));
        for (algorithm, words) in [
            (alg_id::RSA_ENCRYPTION.as_ref().to_vec(), "RSA"),
            (alg_id::ECDSA_P256.as_ref().to_vec(), "ECDSA P-256"),
            (alg_id::ECDSA_P384.as_ref().to_vec(), "ECDSA P-384"),
            (alg_id::ECDSA_P521.as_ref().to_vec(), "ECDSA P-521"),
            (alg_id::ED25519.as_ref().to_vec(), "Ed25519"),
            (with("2b6571", b""), "Ed448"),
            (with("2a864886f70d01010a", b""), "RSA-PSS"),
            (with("2a8648ce380401", &encode(SEQUENCE, b"")), "DSA"),
            (curve("2b2403030208010107"), "ECDSA brainpoolP256r1"),
            (curve("2b8104000a"), "ECDSA secp256k1"),
            (curve("2b81040009"), "ECDSA algorithm 1.3.132.0.9"),
            (with("2a8648ce3d0201", &encode(SEQUENCE, b"")), "ECDSA on a curve without a name"),
            (with("8837830f", b""), "algorithm 2.999.399"),
            (b"\x06\x7f".to_vec(), "unknown"),
            (Vec::new(), "unknown"),
        ] {
            assert_eq!(key_in_words(&algorithm), words);
        }
    }

    #[test]
    fn the_key_of_a_certificate_is_found() {
        for (kind, words) in [(&PKCS_ED25519, "Ed25519"), (&PKCS_ECDSA_P384_SHA384, "ECDSA P-384")]
        {
            let key = KeyPair::generate_for(kind).unwrap();
            let der = CertificateParams::default().self_signed(&key).unwrap().der().to_vec();
            let found = Key::of(&der).unwrap();
            assert_eq!((found.in_words().as_str(), found.rsa_bits), (words, None));
            for end in 0..der.len() {
                let _ = Key::of(&der[..end]);
            }
            assert!(Key::of(&der[..der.len() - 1]).is_none());
        }
    }

    #[test]
    fn rsa_keys_are_as_long_as_their_modulus() {
        for (modulus, expected) in [
            (vec![0xff; 128], 1024),
            ([vec![0], vec![0x80; 256]].concat(), 2048),
            ([vec![0], vec![0x40; 256]].concat(), 2047),
            (vec![1], 1),
            (vec![0], 0),
            (Vec::new(), 0),
        ] {
            let key = [encode(INTEGER, &modulus), encode(INTEGER, &[1, 0, 1])].concat();
            let bits = [vec![0], encode(SEQUENCE, &key)].concat();
            assert_eq!(super::modulus_bits(&bits), Some(expected));
        }
        assert_eq!(super::modulus_bits(&encode(der::BIT_STRING, b"")), None);
    }
}
