//! What `list` says of a certificate.

use crate::shown::shown;
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt;
use x509_cert::Certificate;
use x509_cert::der::Decode;

/// A certificate in short. It may be a trust anchor and still be too odd for the parser here: then
/// only its hash is known.
pub(crate) struct Summary {
    sha256: String,
    parsed: Option<Parsed>,
}

struct Parsed {
    subject: String,
    not_after: String,
}

impl Summary {
    pub(crate) fn of(der: &CertificateDer<'_>) -> Self {
        let sha256 = Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect();
        let parsed = Certificate::from_der(der).ok().map(|certificate| Parsed {
            subject: certificate.tbs_certificate.subject.to_string(),
            not_after: certificate.tbs_certificate.validity.not_after.to_date_time().to_string(),
        });
        Self { sha256, parsed }
    }

    pub(crate) fn to_json(&self) -> Value {
        let parsed = self.parsed.as_ref();
        json!({
            "sha256": self.sha256,
            "subject": parsed.map(|p| &p.subject),
            "not_after": parsed.map(|p| &p.not_after),
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.parsed {
            Some(Parsed { subject, not_after }) => {
                write!(f, "{}  {not_after}  {}", self.sha256, shown(subject))
            }
            None => write!(f, "{}  (cannot be parsed)", self.sha256),
        }
    }
}
