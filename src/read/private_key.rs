//! What a private key is for, as people write it. It may use `der` and `algorithm`.

use super::algorithm::{EC, RSA, id, integer_bits, key_in_words};
use super::der::{Element, INTEGER, OCTETS, OID, SEQUENCE, element, elements, encode};
use rustls::pki_types::{PrivateKeyDer, alg_id};
use std::fmt;

/// The tag of the curve in a key of SEC 1.
const PARAMETERS: u8 = 0xa0;

/// Of what kind a private key is. Nothing of its secret is in it.
#[derive(Debug, PartialEq)]
pub(crate) enum PrivateKey {
    /// How long the modulus is.
    Rsa(usize),
    /// The content of its AlgorithmIdentifier.
    Other(Vec<u8>),
}

impl PrivateKey {
    /// That of a key; `None` where it is not understood.
    pub(crate) fn of(key: &PrivateKeyDer<'_>) -> Option<Self> {
        match key {
            PrivateKeyDer::Pkcs1(key) => Self::rsa(key.secret_pkcs1_der()),
            PrivateKeyDer::Sec1(key) => {
                // ECPrivateKey (RFC 5915): version, key, and the curve.
                let mut fields = fields(key.secret_sec1_der())?.skip(2);
                let curve = fields.next()??.content_of(PARAMETERS)?;
                Some(Self::Other([encode(OID, EC), curve.to_vec()].concat()))
            }
            PrivateKeyDer::Pkcs8(key) => {
                // PrivateKeyInfo (RFC 5208): version, algorithm, and the key.
                let mut fields = fields(key.secret_pkcs8_der())?.skip(1);
                let algorithm = fields.next()??.content_of(SEQUENCE)?;
                match id(algorithm)? {
                    RSA => Self::rsa(fields.next()??.content_of(OCTETS)?),
                    _ => Some(Self::Other(algorithm.to_vec())),
                }
            }
            _ => None,
        }
    }

    /// RSAPrivateKey (RFC 8017, appendix A.1.2): version, and the modulus.
    fn rsa(der: &[u8]) -> Option<Self> {
        let modulus = fields(der)?.nth(1)??;
        Some(Self::Rsa(integer_bits(modulus.content_of(INTEGER)?)))
    }

    /// Whether every crypto provider signs with keys of the kind.
    pub(crate) fn is_usual(&self) -> bool {
        match self {
            Self::Rsa(bits) => (2048..=4096).contains(bits),
            Self::Other(algorithm) => [alg_id::ECDSA_P256, alg_id::ECDSA_P384, alg_id::ED25519]
                .iter()
                .any(|usual| **usual == algorithm[..]),
        }
    }

    /// Which provider signs with it, in brackets, where one does.
    pub(crate) fn where_it_can(&self) -> &'static str {
        let is_p521 =
            matches!(self, Self::Other(algorithm) if *alg_id::ECDSA_P521 == algorithm[..]);
        if is_p521 {
            " (it can where it is built with aws-lc-rs as its crypto provider)"
        } else {
            ""
        }
    }
}

fn fields(der: &[u8]) -> Option<impl Iterator<Item = Option<Element<'_>>>> {
    element(der)?.content_of(SEQUENCE).map(elements)
}

impl fmt::Display for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "RSA with {bits} bits"),
            Self::Other(algorithm) => f.write_str(&key_in_words(algorithm)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PrivateKey;
    use rcgen::{KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

    #[test]
    fn what_is_cut_off_is_of_no_kind() {
        for (algorithm, words) in
            [(&PKCS_ED25519, "Ed25519"), (&PKCS_ECDSA_P384_SHA384, "ECDSA P-384")]
        {
            let der = KeyPair::generate_for(algorithm).unwrap().serialize_der();
            let of = |der: &[u8]| {
                PrivateKey::of(&PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der.to_vec())))
            };
            let kind = of(&der).unwrap();
            assert_eq!((kind.to_string().as_str(), kind.is_usual()), (words, true));
            assert!((0..der.len()).all(|end| of(&der[..end]).is_none()));
        }
    }
}
