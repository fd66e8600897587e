//! ECDSA (FIPS 186-5, section 6) on the curves of NIST, by the crates p256, p384 and p521. It uses nothing
//! else of this crate.

use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};
use sha2::{Digest, Sha256, Sha384, Sha512};

pub(super) const P256_SHA512: &dyn SignatureVerificationAlgorithm =
    &Ecdsa(Curve::P256, Hash::Sha512);
pub(super) const P384_SHA512: &dyn SignatureVerificationAlgorithm =
    &Ecdsa(Curve::P384, Hash::Sha512);
pub(super) const P521_SHA256: &dyn SignatureVerificationAlgorithm =
    &Ecdsa(Curve::P521, Hash::Sha256);
pub(super) const P521_SHA384: &dyn SignatureVerificationAlgorithm =
    &Ecdsa(Curve::P521, Hash::Sha384);
pub(super) const P521_SHA512: &dyn SignatureVerificationAlgorithm =
    &Ecdsa(Curve::P521, Hash::Sha512);

#[derive(Debug)]
struct Ecdsa(Curve, Hash);

#[derive(Clone, Copy, Debug)]
enum Curve {
    P256,
    P384,
    P521,
}

#[derive(Clone, Copy, Debug)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// How long a number on the largest curve is.
const LONGEST: usize = 66;
/// By what a point begins that is not compressed (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 4;

impl SignatureVerificationAlgorithm for Ecdsa {
    /// As in webpki, the key is an uncompressed point, and the signature strict DER (RFC 3279, section
    /// 2.2.3).
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        if public_key.first() != Some(&UNCOMPRESSED) {
            return Err(InvalidSignature);
        }
        let digest = self.1.of(message);
        macro_rules! verify {
            ($curve:ident, $digest:expr) => {{
                use $curve::ecdsa::signature::hazmat::PrehashVerifier;
                let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(public_key);
                let signature = $curve::ecdsa::Signature::from_der(signature);
                let (Ok(key), Ok(signature)) = (key, signature) else {
                    return Err(InvalidSignature);
                };
                key.verify_prehash($digest, &signature)
            }};
        }
        // Of a digest that is longer than the curve's numbers, its first bytes count.
        let verified = match self.0 {
            Curve::P256 => verify!(p256, &digest),
            Curve::P384 => verify!(p384, &digest),
            Curve::P521 => {
                // The crate wants half the length at least, which SHA-256 is not: the number is the same.
                let mut number = [0; LONGEST];
                number[LONGEST - digest.len()..].copy_from_slice(&digest);
                verify!(p521, &number)
            }
        };
        verified.map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        match self.0 {
            Curve::P256 => alg_id::ECDSA_P256,
            Curve::P384 => alg_id::ECDSA_P384,
            Curve::P521 => alg_id::ECDSA_P521,
        }
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        match self.1 {
            Hash::Sha256 => alg_id::ECDSA_SHA256,
            Hash::Sha384 => alg_id::ECDSA_SHA384,
            Hash::Sha512 => alg_id::ECDSA_SHA512,
        }
    }
}

impl Hash {
    fn of(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }
}
