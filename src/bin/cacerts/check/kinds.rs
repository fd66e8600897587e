//! What numbers and keys in certificates stand for, as people say it.

use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Reader, SliceReader};
use x509_cert::spki::SubjectPublicKeyInfoRef;

/// What a certificate is for, by the number of an extended key usage.
pub(super) fn purpose(id: &ObjectIdentifier) -> String {
    match id.to_string().as_str() {
        "1.3.6.1.5.5.7.3.1" => "TLS servers",
        "1.3.6.1.5.5.7.3.2" => "TLS clients",
        "1.3.6.1.5.5.7.3.3" => "code signing",
        "1.3.6.1.5.5.7.3.4" => "mail",
        "1.3.6.1.5.5.7.3.8" => "time stamps",
        "1.3.6.1.5.5.7.3.9" => "OCSP answers",
        "2.5.29.37.0" => "any purpose",
        other => return other.to_owned(),
    }
    .to_owned()
}

/// What an extension is that webpki does not know, by its number.
pub(super) fn extension(id: &str) -> String {
    let name = match id {
        "2.5.29.32" => "certificatePolicies",
        "2.5.29.33" => "policyMappings",
        "2.5.29.36" => "policyConstraints",
        "2.5.29.54" => "inhibitAnyPolicy",
        "1.3.6.1.4.1.11129.2.4.3" => "the poison of a precertificate",
        _ => return id.to_owned(),
    };
    format!("{name}, {id}")
}

/// Algorithm and size of a key, of its SubjectPublicKeyInfo.
pub(super) fn key(info: &[u8]) -> Option<String> {
    let info = SubjectPublicKeyInfoRef::from_der(info).ok()?;
    let id = info.algorithm.oid.to_string();
    Some(match id.as_str() {
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => {
            let mut reader = SliceReader::new(info.subject_public_key.raw_bytes()).ok()?;
            let modulus = reader.sequence(|key| {
                let modulus = UintRef::decode(key)?;
                UintRef::decode(key)?;
                Ok(modulus)
            });
            let bytes = modulus.ok()?.as_bytes();
            let bits = bytes.len() * 8 - bytes.first().map_or(0, |b| b.leading_zeros() as usize);
            let pss = if id.ends_with(".10") { " (PSS)" } else { "" };
            format!("RSA {bits}{pss}")
        }
        "1.2.840.10045.2.1" => {
            let curve =
                info.algorithm.parameters.and_then(|p| p.decode_as::<ObjectIdentifier>().ok());
            let curve = curve.map(|curve| match curve.to_string().as_str() {
                "1.2.840.10045.3.1.7" => "P-256".to_owned(),
                "1.3.132.0.34" => "P-384".to_owned(),
                "1.3.132.0.35" => "P-521".to_owned(),
                "1.3.132.0.10" => "secp256k1".to_owned(),
                "1.3.36.3.3.2.8.1.1.7" => "brainpoolP256r1".to_owned(),
                other => other.to_owned(),
            });
            format!("ECDSA {}", curve.unwrap_or_else(|| "on a curve of its own".to_owned()))
        }
        "1.3.101.112" => "Ed25519".to_owned(),
        "1.3.101.113" => "Ed448".to_owned(),
        "1.2.840.10040.4.1" => "DSA".to_owned(),
        other => other.to_owned(),
    })
}

/// How a certificate is signed.
pub(super) fn algorithm(id: &ObjectIdentifier) -> String {
    match id.to_string().as_str() {
        "1.2.840.113549.1.1.4" => "RSA with MD5",
        "1.2.840.113549.1.1.5" => "RSA with SHA-1",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.113549.1.1.11" => "RSA with SHA-256",
        "1.2.840.113549.1.1.12" => "RSA with SHA-384",
        "1.2.840.113549.1.1.13" => "RSA with SHA-512",
        "1.2.840.10045.4.1" => "ECDSA with SHA-1",
        "1.2.840.10045.4.3.2" => "ECDSA with SHA-256",
        "1.2.840.10045.4.3.3" => "ECDSA with SHA-384",
        "1.2.840.10045.4.3.4" => "ECDSA with SHA-512",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        other => return other.to_owned(),
    }
    .to_owned()
}
