//! What a certificate says in codes, as people write it: names, keys, algorithms. It may use `x509-cert`.

use std::fmt::Write;
use std::net::IpAddr;
use x509_cert::TbsCertificate;
use x509_cert::der::asn1::{Any, AnyRef, ObjectIdentifier, UintRef};
use x509_cert::der::oid::db::DB;
use x509_cert::der::{Decode, Tag, Tagged};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

pub(crate) const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
pub(crate) const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");

/// The short names of RFC 4514, and what else stands in CAs' names.
const KEYWORDS: [(ObjectIdentifier, &str); 12] = [
    (COMMON_NAME, "CN"),
    (ORGANISATION, "O"),
    (UNIT, "OU"),
    (ObjectIdentifier::new_unwrap("2.5.4.6"), "C"),
    (ObjectIdentifier::new_unwrap("2.5.4.7"), "L"),
    (ObjectIdentifier::new_unwrap("2.5.4.8"), "ST"),
    (ObjectIdentifier::new_unwrap("2.5.4.9"), "STREET"),
    (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.25"), "DC"),
    (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1"), "UID"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1"), "emailAddress"),
    (ObjectIdentifier::new_unwrap("2.5.4.5"), "serialNumber"),
    (ObjectIdentifier::new_unwrap("2.5.4.97"), "organizationIdentifier"),
];

/// By what a person knows the owner of a name: its common name; old roots have none, but a unit, or
/// nothing but an organisation.
pub(crate) fn usual(name: &Name) -> Option<String> {
    [COMMON_NAME, UNIT, ORGANISATION].into_iter().find_map(|kind| attribute(name, kind))
}

/// The first attribute of this kind that says something.
pub(crate) fn attribute(name: &Name, kind: ObjectIdentifier) -> Option<String> {
    let attributes = name.0.iter().flat_map(|set| set.0.iter());
    let values = attributes.filter(|attribute| attribute.oid == kind);
    values.filter_map(|attribute| text(&attribute.value)).find(|text| !text.trim().is_empty())
}

/// As RFC 4514 has it: the most special first.
pub(crate) fn in_full(name: &Name) -> String {
    let mut full = String::new();
    for set in name.0.iter().rev() {
        for (number, attribute) in set.0.iter().enumerate() {
            let separator = if number > 0 { "+" } else { "," };
            full += if full.is_empty() { "" } else { separator };
            match KEYWORDS.iter().find(|(kind, _)| *kind == attribute.oid) {
                Some((_, keyword)) => full += keyword,
                None => full += &attribute.oid.to_string(),
            }
            full.push('=');
            match text(&attribute.value) {
                Some(text) => escape(&text, &mut full),
                None => {
                    full.push('#');
                    full += &hex(attribute.value.value());
                }
            }
        }
    }
    full
}

fn escape(text: &str, full: &mut String) {
    let last = text.chars().count().saturating_sub(1);
    for (number, c) in text.chars().enumerate() {
        let is_outside = number == 0 || number == last;
        if matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\')
            || c == ' ' && is_outside
            || c == '#' && number == 0
        {
            full.push('\\');
        }
        full.push(c);
    }
}

/// The text of an attribute, in whichever of the encodings it is.
fn text(value: &Any) -> Option<String> {
    let bytes = value.value();
    match value.tag() {
        Tag::Utf8String
        | Tag::PrintableString
        | Tag::Ia5String
        | Tag::NumericString
        | Tag::VisibleString => Some(String::from_utf8_lossy(bytes).into_owned()),
        // T.61 in name, and Latin-1 as everybody writes it.
        Tag::TeletexString => Some(bytes.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let units =
                bytes.chunks(2).map(|unit| unit.iter().fold(0, |n, b| n << 8 | u16::from(*b)));
            Some(
                char::decode_utf16(units)
                    .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect(),
            )
        }
        _ => None,
    }
}

/// The kind of a key and its size, as `RSA 2048` or `ECDSA P-256`.
pub(crate) fn key(key: &SubjectPublicKeyInfoOwned) -> String {
    let parameters = key.algorithm.parameters.as_ref();
    match key.algorithm.oid.to_string().as_str() {
        "1.2.840.113549.1.1.1" => rsa("RSA", key),
        "1.2.840.113549.1.1.10" => rsa("RSA-PSS", key),
        "1.2.840.10045.2.1" => {
            let curve = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
            match curve.map(|curve| curve.to_string()).as_deref() {
                Some("1.2.840.10045.3.1.7") => "ECDSA P-256".to_owned(),
                Some("1.3.132.0.34") => "ECDSA P-384".to_owned(),
                Some("1.3.132.0.35") => "ECDSA P-521".to_owned(),
                Some("1.3.132.0.10") => "ECDSA secp256k1".to_owned(),
                Some("1.3.36.3.3.2.8.1.1.7") => "ECDSA brainpoolP256r1".to_owned(),
                Some("1.3.36.3.3.2.8.1.1.11") => "ECDSA brainpoolP384r1".to_owned(),
                Some("1.3.36.3.3.2.8.1.1.13") => "ECDSA brainpoolP512r1".to_owned(),
                Some(other) => format!("ECDSA {}", known(other).unwrap_or(other)),
                None => "ECDSA, curve not named".to_owned(),
            }
        }
        "1.3.101.112" => "Ed25519".to_owned(),
        "1.3.101.113" => "Ed448".to_owned(),
        other => known(other).unwrap_or(other).to_owned(),
    }
}

fn rsa(name: &str, key: &SubjectPublicKeyInfoOwned) -> String {
    let bits = || {
        AnyRef::from_der(key.subject_public_key.as_bytes()?)
            .ok()?
            .sequence(|reader| {
                let modulus = UintRef::decode(reader)?;
                UintRef::decode(reader)?;
                let zeros = modulus.as_bytes().first().map_or(0, |first| first.leading_zeros());
                Ok(8 * modulus.as_bytes().len() - zeros as usize)
            })
            .ok()
    };
    bits().map_or_else(|| name.to_owned(), |bits| format!("{name} {bits}"))
}

/// The name of an algorithm, a purpose or an extension; its number where it has none that is known.
pub(crate) fn code(id: ObjectIdentifier) -> String {
    let number = id.to_string();
    known(&number).map_or_else(|| number.clone(), str::to_owned)
}

fn known(number: &str) -> Option<&'static str> {
    DB.by_oid(&ObjectIdentifier::new(number).ok()?)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The names for which a certificate is, of the kinds that servers have: DNS names and addresses.
pub(crate) fn alternative(certificate: &TbsCertificate) -> Vec<String> {
    let names = certificate.get::<SubjectAltName>().ok().flatten();
    names.into_iter().flat_map(|(_, names)| names.0).filter_map(|name| general(&name)).collect()
}

/// One of them; `None` for another kind of name.
pub(crate) fn general(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        GeneralName::IpAddress(address) => {
            let bytes = address.as_bytes();
            let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
                .ok()
                .map(|ip| ip.to_string())
        }
        _ => None,
    }
}
