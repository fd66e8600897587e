//! What extensions of a certificate (RFC 5280, section 4.2) say. It may use `der`.
//!
//! Nothing is decided by them here: what is not understood is `None`, and webpki reads all of it again.

use super::der::{OCTETS, OID, SEQUENCE, element, elements};

const EXTENSIONS: u8 = 0xa3;
const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 14];
const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 17];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
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

fn value<'a>(der: &'a [u8], id: &[u8]) -> Option<&'a [u8]> {
    let fields = element(element(der)?.content_of(SEQUENCE)?)?.content_of(SEQUENCE)?;
    let extensions = elements(fields).flatten().find_map(|field| field.content_of(EXTENSIONS))?;
    elements(element(extensions)?.content_of(SEQUENCE)?).flatten().find_map(|extension| {
        let extension_id = element(extension.content_of(SEQUENCE)?)?;
        let has_it = extension_id.content_of(OID)? == id;
        // Between them it may be said that it is critical.
        elements(extension_id.rest).flatten().find_map(|e| e.content_of(OCTETS)).filter(|_| has_it)
    })
}

#[cfg(test)]
mod tests {
    use super::{authority_key_id, subject_key_id};
    use rcgen::{CertificateParams, CertifiedIssuer, CustomExtension, IsCa, KeyIdMethod, KeyPair};

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
