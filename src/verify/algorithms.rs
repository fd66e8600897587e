//! By which algorithms signatures are verified: those of the crypto provider, and with the feature
//! `more-algorithms` those behind them that it lacks. It may use `read`.
//!
//! webpki goes through the algorithms in their order, and goes by the first that has the key's and the
//! signature's. What is added stands at the end, and has no pair that the provider has: so the provider
//! is asked for all that it can do, and what is added for nothing else.

#[cfg(feature = "more-algorithms")]
mod ecdsa;
#[cfg(feature = "more-algorithms")]
mod more;
#[cfg(all(test, feature = "ring"))]
mod tests;

use crate::read::algorithm::{Key, key_in_words};
use crate::read::signature::signature_in_words;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, alg_id};
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// How long the RSA keys are that a signature is verified by, in bytes: as ring counts.
const RSA_BYTES: RangeInclusive<usize> = 256..=1024;

/// With what keys a server cannot be spoken to, in brackets.
pub(crate) const UNVERIFIED_KEYS: &str = if cfg!(feature = "more-algorithms") {
    " (one for Ed448 or RSA-PSS alone cannot be verified, and servers show one for ECDSA P-521 in TLS 1.3 only)"
} else {
    " (one for Ed448 or RSA-PSS alone cannot be verified, and one for ECDSA P-521 only where this program is \
     built with the feature more-algorithms of cacerts, or with aws-lc-rs as its crypto provider)"
};

/// What signatures are verified by where this provider is used: what it has itself, and with the feature
/// `more-algorithms` what it lacks. For who looks at a chain once more.
#[must_use]
pub fn of(provider: &CryptoProvider) -> WebPkiSupportedAlgorithms {
    let own = provider.signature_verification_algorithms;
    // What is not validated has no place beside what is.
    #[cfg(feature = "more-algorithms")]
    if !provider.fips() {
        return more::added_to(own);
    }
    own
}

/// A provider that verifies by them, too, for those verifiers of rustls that take nothing else.
pub(crate) fn with_all(provider: &Arc<CryptoProvider>) -> Arc<CryptoProvider> {
    let signature_verification_algorithms = of(provider);
    let own = &provider.signature_verification_algorithms;
    if own.all.len() == signature_verification_algorithms.all.len() {
        return Arc::clone(provider);
    }
    let provider = CryptoProvider::clone(provider);
    Arc::new(CryptoProvider { signature_verification_algorithms, ..provider })
}

/// Why the key of a certificate can verify nothing: as a trust anchor it is of no use. To be displayed, as
/// the end of a sentence that begins with the certificate.
///
/// It tells of the key alone. With which hash a CA signs is not in its certificate, so one that is not told
/// of here may still be refused for that: with ring, and without the feature `more-algorithms`, what is
/// signed with ECDSA and SHA-512.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnusableKey {
    algorithm: String,
    next: Next,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Next {
    /// Only this program lacks it.
    Build,
    /// It is too short, or too long.
    Length,
    Reissue,
}

impl UnusableKey {
    /// What is wrong with the key of a certificate, if it verifies nothing where this provider is used.
    ///
    /// It costs a microsecond. RSA keys are taken to need 2048 to 8192 bits, as they do with ring and
    /// aws-lc-rs.
    #[must_use]
    pub fn of(certificate: &CertificateDer<'_>, provider: &CryptoProvider) -> Option<Self> {
        Self::among(certificate, &of(provider))
    }

    fn among(
        certificate: &CertificateDer<'_>,
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> Option<Self> {
        let key = Key::of(certificate)?;
        let is_known = |id: &&[u8]| {
            algorithms.all.iter().any(|known| known.public_key_alg_id().as_ref() == *id)
        };
        let next = match key.rsa_bits {
            _ if Some(key.algorithm).filter(is_known).is_none() => next_for_key(key.algorithm),
            Some(bits) if !RSA_BYTES.contains(&bits.div_ceil(8)) => Next::Length,
            _ => return None,
        };
        Some(Self { algorithm: key.in_words(), next })
    }

    /// What kind of key it is, as people write it: `ECDSA P-521`, `RSA with 1024 bits`.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }
}

impl fmt::Display for UnusableKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { algorithm, next } = self;
        write!(f, "its key is {algorithm}, {next}")
    }
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Build => {
                "which this program cannot verify; it can where it is built with the feature \
                 more-algorithms of cacerts, or with aws-lc-rs as its crypto provider"
            }
            Self::Length => {
                "and by fewer than 2048 or more than 8192 bits nothing is verified; it has to be \
                 issued anew with another key"
            }
            Self::Reissue => {
                "which this program cannot verify; it has to be issued anew, with an RSA key of 2048 \
                 bits or more or with an ECDSA key, and SHA-256"
            }
        })
    }
}

fn next_for_key(algorithm: &[u8]) -> Next {
    if algorithm == alg_id::ECDSA_P521.as_ref() { Next::Build } else { Next::Reissue }
}

/// Why a chain is refused in which nobody knows a signature's algorithm, and what to do. Both are the content
/// of an AlgorithmIdentifier; that of the key is known where it is the key that has the wrong kind.
pub(crate) fn unsupported(signature: &[u8], key: Option<&[u8]>) -> String {
    let by = key.map(|key| format!(", by a key that is {}", key_in_words(key)));
    let is_nist = |key: &[u8]| {
        [alg_id::ECDSA_P256, alg_id::ECDSA_P384, alg_id::ECDSA_P521].iter().any(|id| **id == *key)
    };
    // Without a key it is the hash alone that is lacking.
    let next = match key {
        None if signature == alg_id::ECDSA_SHA512.as_ref() => Next::Build,
        Some(key) if is_nist(key) => Next::Build,
        _ => Next::Reissue,
    };
    let signed = signature_in_words(signature);
    let next = match next {
        Next::Reissue if signed.starts_with("RSA-PSS with") => {
            "which this program cannot verify; what is signed so has to be issued anew, with a salt \
             that is as long as the hash (openssl: -sigopt rsa_pss_saltlen:digest), and an RSA key \
             that is not for RSA-PSS alone"
        }
        Next::Reissue => {
            "which this program cannot verify; what is signed so has to be issued anew, by a CA with \
             an RSA key of 2048 bits or more or with an ECDSA key, and with SHA-256"
        }
        other => &other.to_string(),
    };
    format!("a signature in its chain is {signed}{}, {next}", by.unwrap_or_default())
}
