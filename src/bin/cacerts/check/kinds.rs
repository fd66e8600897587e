//! What numbers in certificates stand for, as people say it.

use x509_cert::der::asn1::ObjectIdentifier;

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
