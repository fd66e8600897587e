//! A certificate as a person reads it. It may use `certificates`, `names` and x509-cert, and decides nothing.
//!
//! Texts are as they stand in the certificate: whoever prints them makes them harmless.

use super::kinds::{algorithm, purpose};
use crate::certificates::sha256;
use crate::names;
use rustls::pki_types::CertificateDer;
use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use x509_cert::der::asn1::{AnyRef, BitStringRef, ObjectIdentifier};
use x509_cert::der::oid::{AssociatedOid, db};
use x509_cert::der::{DateTime, Decode, Encode, Reader, SliceReader};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage,
    KeyUsage, KeyUsages, NameConstraints, SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::name::Name;
use x509_cert::{Certificate as X509, Version};

/// A certificate; of one that is too odd for the parser here only the hash is known.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) parsed: Option<Parsed>,
}

/// What is in a certificate.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) subject: Named,
    pub(crate) issuer: Named,
    /// In seconds since 1970.
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
    /// The names and addresses of the server.
    pub(crate) names: Vec<String>,
    pub(crate) version: u8,
    /// What basicConstraints say; `None` where there are none.
    pub(crate) is_ca: Option<bool>,
    pub(crate) path_length: Option<u8>,
    /// Whether basicConstraints, and the names, are marked as critical.
    pub(crate) has_critical_constraints: bool,
    pub(crate) has_critical_names: bool,
    /// What keyUsage allows; `None` where it is not there.
    pub(crate) usage: Option<Usage>,
    /// What extKeyUsage allows; `None` where it is not there.
    pub(crate) purposes: Option<Vec<String>>,
    pub(crate) permitted: Vec<String>,
    pub(crate) excluded: Vec<String>,
    /// Critical extensions that are not those every verifier knows, by their numbers.
    pub(crate) critical: Vec<String>,
    pub(crate) key_id: Option<Vec<u8>>,
    pub(crate) issuer_key_id: Option<Vec<u8>>,
    /// Whether it says where its issuer's certificate is.
    pub(crate) tells_issuer: bool,
    /// Algorithm and size of its key, such as `RSA 2048`.
    pub(crate) key: String,
    /// By which algorithm it is signed, such as `RSA with SHA-256`.
    pub(crate) signature: String,
}

/// What a key may be used for, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Usage {
    /// It may sign what a server says (digitalSignature).
    pub(crate) signs: bool,
    /// It may sign certificates (keyCertSign).
    pub(crate) issues: bool,
}

/// A distinguished name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Named {
    /// The content of its SEQUENCE.
    pub(crate) der: Vec<u8>,
    all: Name,
    pub(crate) common_name: Option<String>,
    pub(crate) organisation: Option<String>,
}

impl Named {
    pub(crate) fn of(name: &Name) -> Self {
        let der = name.to_der().ok();
        let content = der.as_deref().and_then(|der| AnyRef::from_der(der).ok());
        Self {
            der: content.map(|content| content.value().to_vec()).unwrap_or_default(),
            all: name.clone(),
            common_name: names::attribute(name, names::COMMON_NAME),
            organisation: names::attribute(name, names::ORGANISATION),
        }
    }

    /// All of it (RFC 4514).
    pub(crate) fn full(&self) -> String {
        names::in_full(&self.all)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.0.is_empty()
    }

    /// What a person calls it by: the common name, or else all of it.
    pub(crate) fn short(&self) -> Cow<'_, str> {
        match self.common_name.as_deref() {
            Some(name) => name.into(),
            None if self.is_empty() => "(no name)".into(),
            None => self.full().into(),
        }
    }
}

impl Certificate {
    pub(crate) fn of(der: &CertificateDer<'_>) -> Self {
        Self {
            der: der.clone().into_owned(),
            parsed: X509::from_der(der).ok().map(|certificate| Parsed::of(&certificate)),
        }
    }

    /// Of the DER, in hexadecimal.
    pub(crate) fn sha256(&self) -> String {
        sha256(&self.der)
    }

    /// What a person calls it by.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        let Some(parsed) = &self.parsed else { return "(cannot be parsed)".into() };
        match (&parsed.subject.common_name, parsed.names.first()) {
            (None, Some(first)) => first.into(),
            _ => parsed.subject.short(),
        }
    }

    /// Whether it calls itself its issuer.
    pub(crate) fn is_self_issued(&self) -> bool {
        self.parsed.as_ref().is_some_and(|parsed| parsed.subject == parsed.issuer)
    }

    /// Whether it has the name of another one's issuer, and no other key by its identifier.
    pub(crate) fn may_have_issued(&self, other: &Self) -> bool {
        let (Some(own), Some(other)) = (&self.parsed, &other.parsed) else { return false };
        let is_another = match (&own.key_id, &other.issuer_key_id) {
            (Some(own), Some(wanted)) => own != wanted,
            _ => false,
        };
        own.subject.der == other.issuer.der && !is_another
    }

    /// Whether its key has made another one's signature; `None` where the library's verifier has not the
    /// algorithm, or does not take so large or small a key.
    pub(crate) fn has_signed(&self, other: &Self) -> Option<bool> {
        if self.parsed.as_ref()?.has_odd_size() {
            return None;
        }
        let (mut outer, mut inner) = (None, None);
        signed_parts(&other.der, &mut outer).ok()?;
        key_parts(&self.der, &mut inner).ok()?;
        let ((message, algorithm, signature), (key_algorithm, key)) = (outer?, inner?);
        let algorithms = cacerts::signature_algorithms(&*cacerts::crypto_provider().ok()?);
        let mut fitting = algorithms.all.iter().filter(|known| {
            *known.signature_alg_id() == *algorithm && *known.public_key_alg_id() == *key_algorithm
        });
        // ECDSA has one entry for each curve, and each curve for each hash.
        let first = fitting.next()?;
        let verify = |known: &&dyn rustls::pki_types::SignatureVerificationAlgorithm| {
            known.verify_signature(&key, &message, &signature).is_ok()
        };
        Some(verify(first) || fitting.any(verify))
    }
}

type Signed = (Vec<u8>, Vec<u8>, Vec<u8>);

/// What is signed, the content of the algorithm's SEQUENCE, and the signature.
fn signed_parts(der: &[u8], parts: &mut Option<Signed>) -> x509_cert::der::Result<()> {
    let certificate = AnyRef::from_der(der)?;
    let mut reader = SliceReader::new(certificate.value())?;
    let message = reader.tlv_bytes()?.to_vec();
    let algorithm = AnyRef::decode(&mut reader)?.value().to_vec();
    let signature = BitStringRef::decode(&mut reader)?.raw_bytes().to_vec();
    *parts = Some((message, algorithm, signature));
    Ok(())
}

/// The content of the key's algorithm, and the key.
fn key_parts(der: &[u8], parts: &mut Option<(Vec<u8>, Vec<u8>)>) -> x509_cert::der::Result<()> {
    let certificate = X509::from_der(der)?;
    let info = certificate.tbs_certificate.subject_public_key_info;
    let algorithm = info.algorithm.to_der()?;
    let algorithm = AnyRef::from_der(&algorithm)?.value().to_vec();
    *parts = Some((algorithm, info.subject_public_key.raw_bytes().to_vec()));
    Ok(())
}

impl Parsed {
    /// Whether its key is of RSA, and smaller or larger than ring and aws-lc-rs take.
    pub(crate) fn has_odd_size(&self) -> bool {
        let bits = self.key.strip_prefix("RSA ").and_then(|rest| rest.split(' ').next());
        bits.and_then(|bits| bits.parse().ok())
            .is_some_and(|bits: u32| !(2048..=8192).contains(&bits))
    }

    fn of(certificate: &X509) -> Self {
        let fields = &certificate.tbs_certificate;
        let seconds = |time: &x509_cert::time::Time| time.to_unix_duration().as_secs() as i64;
        let mut parsed = Self {
            subject: Named::of(&fields.subject),
            issuer: Named::of(&fields.issuer),
            not_before: seconds(&fields.validity.not_before),
            not_after: seconds(&fields.validity.not_after),
            version: match fields.version {
                Version::V1 => 1,
                Version::V2 => 2,
                Version::V3 => 3,
            },
            key: names::key(&fields.subject_public_key_info),
            signature: algorithm(&certificate.signature_algorithm.oid),
            ..Self::default()
        };
        for extension in fields.extensions.iter().flatten() {
            parsed.add(extension.extn_id, extension.critical, extension.extn_value.as_bytes());
        }
        parsed
    }

    fn add(&mut self, id: ObjectIdentifier, is_critical: bool, value: &[u8]) {
        match id {
            SubjectAltName::OID => {
                let names =
                    SubjectAltName::from_der(value).map(|names| names.0).unwrap_or_default();
                self.has_critical_names = is_critical;
                self.names = names.iter().filter_map(names::general).collect();
            }
            BasicConstraints::OID => {
                if let Ok(constraints) = BasicConstraints::from_der(value) {
                    self.has_critical_constraints = is_critical;
                    self.is_ca = Some(constraints.ca);
                    self.path_length = constraints.path_len_constraint;
                }
            }
            ExtendedKeyUsage::OID => {
                let purposes = ExtendedKeyUsage::from_der(value).map(|p| p.0).unwrap_or_default();
                self.purposes = Some(purposes.iter().map(purpose).collect());
            }
            NameConstraints::OID => {
                if let Ok(constraints) = NameConstraints::from_der(value) {
                    let named = |trees: Option<Vec<_>>| -> Vec<String> {
                        let trees = trees.into_iter().flatten();
                        trees
                            .map(|tree: x509_cert::ext::pkix::constraints::name::GeneralSubtree| {
                                constraint(&tree.base)
                            })
                            .collect()
                    };
                    self.permitted = named(constraints.permitted_subtrees);
                    self.excluded = named(constraints.excluded_subtrees);
                }
            }
            SubjectKeyIdentifier::OID => {
                let id = SubjectKeyIdentifier::from_der(value).ok();
                self.key_id = id.map(|id| id.0.as_bytes().to_vec());
            }
            AuthorityKeyIdentifier::OID => {
                let id = AuthorityKeyIdentifier::from_der(value).ok();
                let id = id.and_then(|id| id.key_identifier);
                self.issuer_key_id = id.map(|id| id.as_bytes().to_vec());
            }
            AuthorityInfoAccessSyntax::OID => {
                let places = AuthorityInfoAccessSyntax::from_der(value).map(|p| p.0);
                self.tells_issuer = places.is_ok_and(|all| {
                    all.iter().any(|p| p.access_method == db::rfc5280::ID_AD_CA_ISSUERS)
                });
            }
            KeyUsage::OID => {
                self.usage = KeyUsage::from_der(value).ok().map(|usage| Usage {
                    signs: usage.0.contains(KeyUsages::DigitalSignature),
                    issues: usage.0.contains(KeyUsages::KeyCertSign),
                });
            }
            // What webpki goes by, too: where revocations are listed.
            db::rfc5280::ID_CE_CRL_DISTRIBUTION_POINTS => {}
            _ if is_critical => self.critical.push(id.to_string()),
            _ => {}
        }
    }
}

/// Of a network, with its mask.
fn network(bytes: &[u8]) -> String {
    let v4 = |bytes: &[u8]| <[u8; 4]>::try_from(bytes).map(Ipv4Addr::from).ok();
    let v6 = |bytes: &[u8]| <[u8; 16]>::try_from(bytes).map(Ipv6Addr::from).ok();
    match bytes.len() {
        8 => v4(&bytes[..4]).zip(v4(&bytes[4..])).map(|(a, mask)| format!("{a}/{mask}")),
        32 => v6(&bytes[..16]).zip(v6(&bytes[16..])).map(|(a, mask)| format!("{a}/{mask}")),
        _ => None,
    }
    .unwrap_or_else(|| "a network that is none".to_owned())
}

fn constraint(name: &GeneralName) -> String {
    match name {
        GeneralName::DnsName(name) if name.as_str().is_empty() => "every DNS name".to_owned(),
        GeneralName::DnsName(name) => name.to_string(),
        GeneralName::IpAddress(bytes) => network(bytes.as_bytes()),
        GeneralName::Rfc822Name(name) => format!("mail {name}"),
        GeneralName::UniformResourceIdentifier(name) => format!("URI {name}"),
        GeneralName::DirectoryName(name) => format!("directory {name}"),
        _ => "names of another kind".to_owned(),
    }
}

/// Names of the kind that an LDAP server lists, or none.
pub(crate) fn authority(der: &[u8]) -> Option<Named> {
    Name::from_der(der).ok().map(|name| Named::of(&name))
}

/// A day as people write it who sort by it, of seconds since 1970.
pub(crate) fn day(seconds: i64) -> String {
    moment(seconds)[..10].to_owned()
}

/// A moment (RFC 3339), of seconds since 1970.
pub(crate) fn moment(seconds: i64) -> String {
    let since = Duration::from_secs(seconds.max(0).unsigned_abs());
    DateTime::from_unix_duration(since).unwrap_or(DateTime::INFINITY).to_string()
}

#[cfg(test)]
mod tests {
    use super::{day, moment};

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_935_600, "2026-11-29T07:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(moment(seconds), expected);
            assert_eq!(day(seconds), expected[..10]);
        }
    }
}
