//! What extensions of a certificate (RFC 5280, section 4.2) say. It may use `der`, `trusted` and `resolve`.
//!
//! What webpki reads again is `None` where it is not understood. What it does not look at in a trust
//! anchor, or in a certificate that is trusted by itself, is decided here, and strictly.

use super::der::{BOOLEAN, Element, INTEGER, OCTETS, OID, SEQUENCE, element, elements};
use super::trusted;
use crate::resolve::Peers;

const EXTENSIONS: u8 = 0xa3;
const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 14];
const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 17];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
/// The identifier in the authority's, which may also have its name and serial number.
const KEY_ID: u8 = 0x80;

/// By what others refer to its key.
pub(crate) fn subject_key_id(der: &[u8]) -> Option<&[u8]> {
    element(value(der, SUBJECT_KEY_ID)?)?.content_of(OCTETS)
}

/// By what it refers to its issuer's key.
pub(crate) fn authority_key_id(der: &[u8]) -> Option<&[u8]> {
    element(element(value(der, AUTHORITY_KEY_ID)?)?.content_of(SEQUENCE)?)?.content_of(KEY_ID)
}

/// For which names it is, as DER.
pub(crate) fn alternative_names(der: &[u8]) -> Option<&[u8]> {
    value(der, SUBJECT_ALTERNATIVE_NAME)
}

/// Whether it says that it is no CA: it has basic constraints, and they do not say CA:TRUE, or cannot be
/// read. Without them (version 1, old roots) it says nothing. As in OpenSSL, any byte but 0 is TRUE.
pub(crate) fn says_no_ca(der: &[u8]) -> bool {
    value(der, BASIC_CONSTRAINTS).is_some_and(deny_ca)
}

/// The same of the basic constraints themselves.
pub(super) fn deny_ca(constraints: &[u8]) -> bool {
    is_ca(constraints) != Some(true)
}

fn is_ca(constraints: &[u8]) -> Option<bool> {
    let constraints = element(constraints).filter(|e| e.rest.is_empty())?.content_of(SEQUENCE)?;
    let mut fields = elements(constraints).peekable();
    let is_ca = fields.next_if(|field| field.as_ref().is_some_and(|field| field.tag == BOOLEAN));
    // How many CAs may be below it.
    let is_length = |field: &Element<'_>| field.tag == INTEGER && !field.content.is_empty();
    let _ = fields.next_if(|field| field.as_ref().is_some_and(is_length));
    // What cannot be read is left, too.
    if fields.next().is_some() {
        return None;
    }
    match is_ca.flatten().map(|field| field.content) {
        None => Some(false),
        Some([value]) => Some(*value != 0),
        Some(_) => None,
    }
}

/// Whether it may be a TLS server's, as far as its extended key usage says: it has none, or that names
/// servers or any usage.
pub(crate) fn allows_servers(der: &[u8]) -> bool {
    value(der, EXTENDED_KEY_USAGE).is_none_or(|usages| {
        let usages = element(usages).filter(|e| e.rest.is_empty());
        let usages = usages.and_then(|usages| usages.content_of(SEQUENCE));
        usages.and_then(|usages| trusted::names(usages, Peers::Servers)).unwrap_or(false)
    })
}

fn value<'a>(der: &'a [u8], id: &[u8]) -> Option<&'a [u8]> {
    let fields = element(element(der)?.content_of(SEQUENCE)?)?.content_of(SEQUENCE)?;
    let extensions = elements(fields).flatten().find_map(|field| field.content_of(EXTENSIONS))?;
    elements(element(extensions)?.content_of(SEQUENCE)?).flatten().find_map(|extension| {
        let extension_id = element(extension.content_of(SEQUENCE)?)?;
        if extension_id.content_of(OID)? != id {
            return None;
        }
        // Between them it may be said that it is critical.
        elements(extension_id.rest).flatten().find_map(|e| e.content_of(OCTETS))
    })
}

#[cfg(test)]
mod tests {
    use super::{allows_servers, authority_key_id, says_no_ca, subject_key_id};
    use rcgen::{CertificateParams, CertifiedIssuer, CustomExtension, IsCa, KeyIdMethod, KeyPair};

    fn with_extension(oid: &[u64], value: &[u8]) -> Vec<u8> {
        let mut params = CertificateParams::default();
        let mut odd = CustomExtension::from_oid_content(&[2, 5, 29, 99], b"odd".to_vec());
        odd.set_criticality(true);
        params.custom_extensions =
            vec![odd, CustomExtension::from_oid_content(oid, value.to_vec())];
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn who_says_that_it_is_no_ca() {
        for (what, constraints, is_no_ca) in [
            ("CA:TRUE", &b"\x30\x03\x01\x01\xff"[..], false),
            ("with a length of the path", b"\x30\x06\x01\x01\xff\x02\x01\x00", false),
            ("TRUE in BER", b"\x30\x03\x01\x01\x01", false),
            ("empty", b"\x30\x00", true),
            ("CA:FALSE", b"\x30\x03\x01\x01\x00", true),
            ("only a length of the path", b"\x30\x03\x02\x01\x00", true),
            ("an empty BOOLEAN", b"\x30\x02\x01\x00", true),
            ("a long BOOLEAN", b"\x30\x04\x01\x02\xff\xff", true),
            ("twice", b"\x30\x06\x01\x01\xff\x01\x01\xff", true),
            ("backwards", b"\x30\x06\x02\x01\x00\x01\x01\xff", true),
            ("an empty INTEGER", b"\x30\x05\x01\x01\xff\x02\x00", true),
            ("something behind it", b"\x30\x03\x01\x01\xff\x00", true),
            ("cut off", b"\x30\x03\x01\x01", true),
            ("another type", b"\x31\x03\x01\x01\xff", true),
            ("nothing", b"", true),
        ] {
            assert_eq!(
                says_no_ca(&with_extension(&[2, 5, 29, 19], constraints)),
                is_no_ca,
                "{what}"
            );
        }
        assert!(!says_no_ca(&with_extension(&[2, 5, 29, 18], b"\x30\x00")), "without");
        assert!(!says_no_ca(b"no certificate"));
    }

    #[test]
    fn which_usage_allows_servers() {
        let (server, client, any) = (
            &b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"[..],
            &b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02"[..],
            &b"\x06\x04\x55\x1d\x25\x00"[..],
        );
        for (what, usages, expected) in [
            ("servers", vec![server], true),
            ("clients", vec![client], false),
            ("both", vec![client, server], true),
            ("any", vec![client, any], true),
            ("none", vec![], false),
            ("no OID", vec![server, b"\x05\x00"], false),
            ("cut off", vec![server, b"\x06\x04\x55"], false),
        ] {
            let usages = crate::read::der::encode(super::SEQUENCE, &usages.concat());
            let with = |value: &[u8]| allows_servers(&with_extension(&[2, 5, 29, 37], value));
            assert_eq!(with(&usages), expected, "{what}");
            assert!(!with(&[&*usages, b"\0"].concat()), "{what}, and something behind it");
        }
        assert!(allows_servers(&with_extension(&[2, 5, 29, 18], b"\x30\x00")), "without");
    }

    #[test]
    fn key_identifiers_are_found() {
        let mut ca = CertificateParams::default();
        ca.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        ca.key_identifier_method = KeyIdMethod::PreSpecified(b"ca".to_vec());
        // What stands before it, critical and not.
        let mut odd = CustomExtension::from_oid_content(&[2, 5, 29, 99], b"odd".to_vec());
        odd.set_criticality(true);
        ca.custom_extensions.push(odd);
        let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut server = CertificateParams::default();
        let without = server.clone().signed_by(&key, &ca).unwrap();
        server.use_authority_key_identifier_extension = true;
        let with = server.signed_by(&key, &ca).unwrap();
        assert_eq!(subject_key_id(ca.der()), Some(&b"ca"[..]));
        assert_eq!(authority_key_id(with.der()), Some(&b"ca"[..]));
        assert_eq!((subject_key_id(with.der()), authority_key_id(without.der())), (None, None));
        assert_eq!((subject_key_id(b""), authority_key_id(&with.der()[..40])), (None, None));
    }
}
