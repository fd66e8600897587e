//! What a provider lacks of ECDSA, behind what it has. It may use `ecdsa`.

use super::ecdsa::{P256_SHA512, P384_SHA512, P521_SHA256, P521_SHA384, P521_SHA512};
use rustls::SignatureScheme;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{AlgorithmIdentifier, SignatureVerificationAlgorithm, alg_id};
use std::ptr;
use std::sync::{Mutex, PoisonError};

type Algorithm = &'static dyn SignatureVerificationAlgorithm;

/// Each, and the curve that a provider has to know if it is to be added: who has narrowed a provider down
/// gets no curve that is weaker.
const MORE: [(Algorithm, AlgorithmIdentifier); 5] = [
    (P521_SHA512, alg_id::ECDSA_P384),
    (P521_SHA384, alg_id::ECDSA_P384),
    (P521_SHA256, alg_id::ECDSA_P384),
    (P384_SHA512, alg_id::ECDSA_P384),
    (P256_SHA512, alg_id::ECDSA_P256),
];

/// By which scheme a signature of a handshake has which hash. In TLS 1.3 the scheme stands for the curve,
/// too: there it is the first algorithm of a scheme that counts.
const SCHEMES: [(SignatureScheme, AlgorithmIdentifier); 3] = [
    (SignatureScheme::ECDSA_NISTP521_SHA512, alg_id::ECDSA_SHA512),
    (SignatureScheme::ECDSA_NISTP384_SHA384, alg_id::ECDSA_SHA384),
    (SignatureScheme::ECDSA_NISTP256_SHA256, alg_id::ECDSA_SHA256),
];

/// What was made, for whom. rustls wants what lives for ever, so it is made once for each provider.
static MADE: Mutex<Vec<(WebPkiSupportedAlgorithms, WebPkiSupportedAlgorithms)>> =
    Mutex::new(Vec::new());

/// The same, and behind them what they lack.
pub(super) fn added_to(own: WebPkiSupportedAlgorithms) -> WebPkiSupportedAlgorithms {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let is_it = |(of, _): &&(WebPkiSupportedAlgorithms, _)| {
        ptr::eq(of.all, own.all) && ptr::eq(of.mapping, own.mapping)
    };
    if let Some((_, all)) = made.iter().find(is_it) {
        return *all;
    }
    let all = add_to(own);
    made.push((own, all));
    all
}

fn add_to(own: WebPkiSupportedAlgorithms) -> WebPkiSupportedAlgorithms {
    let is_lacking = |more: Algorithm| {
        !own.all.iter().any(|known| {
            known.public_key_alg_id() == more.public_key_alg_id()
                && known.signature_alg_id() == more.signature_alg_id()
        })
    };
    let knows = |curve| own.all.iter().any(|known| known.public_key_alg_id() == curve);
    let more = MORE.into_iter().filter(|(more, curve)| is_lacking(*more) && knows(*curve));
    let more: Vec<Algorithm> = more.map(|(more, _)| more).collect();
    if more.is_empty() {
        return own;
    }
    let all: Vec<_> = own.all.iter().copied().chain(more.iter().copied()).collect();
    let mut mapping = own.mapping.to_vec();
    for (scheme, hash) in SCHEMES {
        let with_hash = more.iter().copied().filter(|more| more.signature_alg_id() == hash);
        match mapping.iter_mut().find(|(known, _)| *known == scheme) {
            Some((_, known)) => {
                let both: Vec<_> = known.iter().copied().chain(with_hash).collect();
                *known = both.leak();
            }
            None if scheme == SCHEMES[0].0 && more[0].public_key_alg_id() == alg_id::ECDSA_P521 => {
                mapping.push((scheme, with_hash.collect::<Vec<_>>().leak()));
            }
            None => {}
        }
    }
    WebPkiSupportedAlgorithms { all: all.leak(), mapping: mapping.leak() }
}
