//! What a certificate is signed with, as people write it: `ECDSA with SHA-512`. It may use `algorithm` and
//! `der`.

use super::algorithm::{PLAIN, RSA_PSS, id, named, split};
use super::der::{INTEGER, SEQUENCE, element, elements};

const SIGNATURES: &[(&[u8], &str)] = &[
    (b"\x2a\x86\x48\xce\x3d\x04\x01", "ECDSA with SHA-1"),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x01", "ECDSA with SHA-224"),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x02", "ECDSA with SHA-256"),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x03", "ECDSA with SHA-384"),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x04", "ECDSA with SHA-512"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x03\x0a", "ECDSA with SHA3-256"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x03\x0b", "ECDSA with SHA3-384"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x03\x0c", "ECDSA with SHA3-512"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02", "RSA with MD2"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04", "RSA with MD5"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05", "RSA with SHA-1"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e", "RSA with SHA-224"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", "RSA with SHA-256"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", "RSA with SHA-384"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", "RSA with SHA-512"),
    (b"\x2a\x86\x48\xce\x38\x04\x03", "DSA with SHA-1"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x03\x01", "DSA with SHA-224"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x03\x02", "DSA with SHA-256"),
    (b"\x2a\x81\x1c\xcf\x55\x01\x83\x75", "SM2 with SM3"),
];

const HASHES: &[(&[u8], &str)] = &[
    (b"\x2b\x0e\x03\x02\x1a", "SHA-1"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x04", "SHA-224"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x01", "SHA-256"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x02", "SHA-384"),
    (b"\x60\x86\x48\x01\x65\x03\x04\x02\x03", "SHA-512"),
];

/// A signature's algorithm, as people write it.
pub(crate) fn signature_in_words(algorithm: &[u8]) -> String {
    let Some((id, parameters)) = split(algorithm) else { return "unknown".to_owned() };
    match id {
        RSA_PSS => match pss(parameters) {
            Some((hash, salt)) => format!("RSA-PSS with {hash} and a salt of {salt} bytes"),
            None => "RSA-PSS".to_owned(),
        },
        _ => SIGNATURES
            .iter()
            .find(|(known, _)| *known == id)
            .map_or_else(|| named(PLAIN, id), |(_, name)| (*name).to_owned()),
    }
}

/// The hash and the salt's length in RSASSA-PSS-params (RFC 4055, section 3.1).
fn pss(parameters: &[u8]) -> Option<(String, u64)> {
    let (mut hash, mut salt) = ("SHA-1".to_owned(), 20);
    for part in elements(element(parameters)?.content_of(SEQUENCE)?) {
        let part = part?;
        match part.tag {
            0xa0 => hash = named(HASHES, id(element(part.content)?.content_of(SEQUENCE)?)?),
            0xa2 => {
                let bytes = element(part.content)?.content_of(INTEGER)?;
                let bytes = bytes.get(..bytes.len().min(4))?;
                salt = bytes.iter().fold(0, |salt, byte| salt << 8 | u64::from(*byte));
            }
            _ => {}
        }
    }
    Some((hash, salt))
}

#[cfg(test)]
mod tests {
    use super::signature_in_words;
    use crate::read::algorithm::tests::with;
    use crate::read::der::{INTEGER, SEQUENCE, encode};
    use rustls::pki_types::alg_id;

    #[test]
    fn signatures_are_called_what_people_call_them() {
        let pss =
            |parts: &[Vec<u8>]| with("2a864886f70d01010a", &encode(SEQUENCE, &parts.concat()));
        let sha256 = encode(0xa0, &encode(SEQUENCE, &with("608648016503040201", b"")));
        let salt = |bytes: &[u8]| encode(0xa2, &encode(INTEGER, bytes));
        for (algorithm, words) in [
            (alg_id::ECDSA_SHA256.as_ref().to_vec(), "ECDSA with SHA-256"),
            (alg_id::ECDSA_SHA512.as_ref().to_vec(), "ECDSA with SHA-512"),
            (alg_id::RSA_PKCS1_SHA384.as_ref().to_vec(), "RSA with SHA-384"),
            (
                alg_id::RSA_PSS_SHA256.as_ref().to_vec(),
                "RSA-PSS with SHA-256 and a salt of 32 bytes",
            ),
            (pss(&[sha256, salt(&[0, 222])]), "RSA-PSS with SHA-256 and a salt of 222 bytes"),
            (pss(&[]), "RSA-PSS with SHA-1 and a salt of 20 bytes"),
            (pss(&[salt(b"")]), "RSA-PSS with SHA-1 and a salt of 0 bytes"),
            (with("2a864886f70d01010a", b""), "RSA-PSS"),
            (with("2a864886f70d010105", b"\x05\0"), "RSA with SHA-1"),
            (with("2a864886f70d010104", b"\x05\0"), "RSA with MD5"),
            (with("2a8648ce3d0401", b""), "ECDSA with SHA-1"),
            (with("2b6571", b""), "Ed448"),
            (with("2a0304", b""), "algorithm 1.2.3.4"),
            (b"junk".to_vec(), "unknown"),
        ] {
            assert_eq!(signature_in_words(&algorithm), words);
        }
    }
}
