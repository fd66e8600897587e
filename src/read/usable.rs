//! Whether webpki takes a certificate as a trust anchor, and whether it says that it is one. It may use `der`
//! and `extensions`, and rustls for every refusal.
//!
//! What webpki checks is plain in most certificates, and is then seen here for a fifth of the cost.
//! Whatever else there is in one, it is webpki that is asked: this is never laxer, and refuses
//! nothing.

use super::der::{BIT_STRING, BOOLEAN, Element, INTEGER, OCTETS, OID, SEQUENCE, element};
use super::extensions;
use rustls::RootCertStore;

/// What a certificate that webpki takes can be.
#[derive(Debug, PartialEq)]
pub(crate) enum Usable {
    Anchor,
    /// It says that it is no CA: see [`extensions::says_no_ca`].
    NotCa,
}

/// Whether webpki takes a certificate as a trust anchor, or why not, and whether it says that it is one.
pub(crate) fn check(der: &[u8]) -> Result<Usable, rustls::Error> {
    let says_no_ca = match plain_constraints(der) {
        Some(constraints) => constraints.is_some_and(extensions::deny_ca),
        None => {
            RootCertStore::empty().add(der.into())?;
            extensions::says_no_ca(der)
        }
    };
    Ok(if says_no_ca { Usable::NotCa } else { Usable::Anchor })
}

const VERSION_3: &[u8] = b"\x02\x01\x02";
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// The last byte of the identifier of basic constraints, which no other of these has.
const CONSTRAINTS: u8 = 19;
/// The longest content of an element that webpki reads.
const LONGEST: usize = 0xfffe;

/// Of a certificate (RFC 5280, section 4.1) of version 3 without unique identifiers, in which all is where
/// it has to be, and nothing else: its basic constraints, if it has some. `None` is any other certificate.
fn plain_constraints(der: &[u8]) -> Option<Option<&[u8]>> {
    let certificate = only(der, SEQUENCE)?;
    let (fields, rest) = next(certificate, SEQUENCE)?;
    let (algorithm, rest) = next(rest, SEQUENCE)?;
    let signature = only(rest, BIT_STRING)?;

    let (version, rest) = next(fields, VERSION)?;
    let (_serial_number, rest) = next(rest, INTEGER)?;
    let (same_algorithm, rest) = next(rest, SEQUENCE)?;
    let (_issuer, rest) = next(rest, SEQUENCE)?;
    let (_validity, rest) = next(rest, SEQUENCE)?;
    let (_subject, rest) = next(rest, SEQUENCE)?;
    let (_key, rest) = next(rest, SEQUENCE)?;
    let is_one = certificate.len() <= LONGEST
        && signature.first() == Some(&0)
        && version == VERSION_3
        && algorithm == same_algorithm;
    is_one.then_some(())?;
    let mut rest = only(only(rest, EXTENSIONS)?, SEQUENCE)?;
    let (mut seen, mut constraints) = (0, None);
    while !rest.is_empty() {
        let (extension, behind) = next(rest, SEQUENCE)?;
        let (number, value) = known_extension(extension)?;
        (seen & 1_u64 << number == 0).then_some(())?;
        seen |= 1_u64 << number;
        if number == CONSTRAINTS {
            constraints = Some(value);
        }
        rest = behind;
    }
    Some(constraints)
}

/// The number of an extension of RFC 5280, section 4.2, and its value, if all is right with it. Not name constraints, and
/// none but those that are found in nearly every root: what others mean to webpki changes between its
/// versions.
fn known_extension(extension: &[u8]) -> Option<(u8, &[u8])> {
    let (id, rest) = next(extension, OID)?;
    let rest = match element(rest)? {
        // What webpki goes by. Of others that are critical, some of its versions refuse the certificate.
        Element { tag: BOOLEAN, content: [0xff], rest }
            if matches!(id, [0x55, 0x1d, 15 | 17 | 19 | 31 | 37]) =>
        {
            rest
        }
        _ => rest,
    };
    let value = only(rest, OCTETS)?;
    let tag = match *id {
        // Where the issuer's certificate is (1).
        [0x2b, 6, 1, 5, 5, 7, 1, 1] => SEQUENCE,
        // The key's identifier, and its usage.
        [0x55, 0x1d, 14] => OCTETS,
        [0x55, 0x1d, 15] => BIT_STRING,
        // Names, constraints, revocation lists, policies, the issuer's key, extended usage.
        [0x55, 0x1d, 17 | 18 | 19 | 31 | 32 | 35 | 37] => SEQUENCE,
        _ => return None,
    };
    only(value, tag)?;
    Some((*id.last()?, value))
}

/// The content of an element of this type, and what is behind it.
fn next(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let element = element(bytes)?;
    Some((element.content_of(tag)?, element.rest))
}

/// The content of an element of this type, behind which there is nothing.
fn only(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    next(bytes, tag).filter(|(_, rest)| rest.is_empty()).map(|(content, _)| content)
}

#[cfg(test)]
mod tests {
    use super::plain_constraints;
    use crate::read::der::{self, SEQUENCE, encode};
    use rcgen::{
        BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose,
        GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
    };
    use rustls::RootCertStore;

    fn webpki_takes(der: &[u8]) -> bool {
        RootCertStore::empty().add(der.into()).is_ok()
    }

    fn params() -> CertificateParams {
        let mut params = CertificateParams::new(["ca.example".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "a");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params
    }

    fn signed(params: &CertificateParams) -> Vec<u8> {
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    fn with_extension(oid: &[u64], value: &[u8]) -> Vec<u8> {
        let mut params = params();
        params.custom_extensions.push(CustomExtension::from_oid_content(oid, value.to_vec()));
        signed(&params)
    }

    /// A root without other extensions than this.
    fn only_with(id: u64, value: &[u8], is_critical: bool) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "a");
        let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, id], value.to_vec());
        extension.set_criticality(is_critical);
        params.custom_extensions.push(extension);
        signed(&params)
    }

    #[test]
    fn what_is_critical_is_plain_only_where_webpki_goes_by_it() {
        let octets = encode(super::OCTETS, &[1; 20]);
        let sequence = encode(SEQUENCE, b"");
        let bits = encode(super::BIT_STRING, &[1, 6]);
        for id in [14, 15, 17, 18, 19, 31, 32, 35, 37] {
            let value = match id {
                14 => &octets,
                15 => &bits,
                _ => &sequence,
            };
            let plain = plain_constraints(&only_with(id, value, false)).is_some();
            assert!(plain && webpki_takes(&only_with(id, value, false)), "{id}");
            let critical = plain_constraints(&only_with(id, value, true)).is_some();
            assert_eq!(critical, [15, 17, 19, 31, 37].contains(&id), "{id}, critical");
        }
    }

    #[test]
    fn an_ordinary_root_plain_constraints() {
        assert!(plain_constraints(&signed(&params())).is_some());
    }

    /// What is not plain is left to webpki, whether it takes it or not.
    #[test]
    fn what_webpki_may_see_in_another_way_is_not_plain() {
        let mut constrained = params();
        let subtree = GeneralSubtree::DnsName("example".to_owned());
        constrained.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![subtree],
            excluded_subtrees: Vec::new(),
        });
        let ordinary = signed(&params());
        for (name, der, is_taken) in [
            ("name constraints", signed(&constrained), true),
            ("an unknown extension", with_extension(&[1, 2, 3], b""), true),
            (
                "timestamps of certificates",
                with_extension(&[1, 3, 6, 1, 4, 1, 11129, 2, 4, 2], b"\x04\0"),
                true,
            ),
            ("twice the same", with_extension(&[2, 5, 29, 19], &encode(SEQUENCE, b"")), false),
            ("no SEQUENCE", with_extension(&[2, 5, 29, 31], b"\x04\0"), false),
            ("more behind it", with_extension(&[2, 5, 29, 31], b"\x30\0\0"), false),
            ("more behind the certificate", [&*ordinary, b"\0"].concat(), false),
            ("cut off", ordinary[..ordinary.len() - 1].to_vec(), false),
            ("nothing", Vec::new(), false),
        ] {
            assert!(plain_constraints(&der).is_none(), "{name}");
            assert_eq!(webpki_takes(&der), is_taken, "{name}");
        }
    }

    /// The longest that webpki reads, and one byte more.
    #[test]
    fn length_is_limited_as_in_webpki() {
        for more in 0..4 {
            let mut length = 0xffff - 700;
            let der = loop {
                let value = encode(SEQUENCE, &vec![0; length]);
                let der = with_extension(&[2, 5, 29, 31], &value);
                let content = der::element(&der).map_or(usize::MAX, |e| e.content.len());
                if content >= 0xfffd + more {
                    break der;
                }
                length += (0xfffd + more - content).max(1);
            };
            assert!(
                plain_constraints(&der).is_none() || webpki_takes(&der),
                "{more}: {}",
                der.len()
            );
        }
    }

    /// Each byte changed in some ways, left out, or doubled.
    #[test]
    fn whatever_is_plain_webpki_takes() {
        let der = signed(&params());
        let mut plain = 0;
        for at in 0..der.len() {
            let (before, rest) = der.split_at(at);
            for changed in (0..8)
                .map(|bit| [before, &[rest[0] ^ 1 << bit], &rest[1..]].concat())
                .chain([[0; 1], [1; 1], [0xff; 1]].map(|byte| [before, &byte, &rest[1..]].concat()))
                .chain([[before, &rest[1..]].concat(), [before, &rest[..1], rest].concat()])
            {
                if plain_constraints(&changed).is_some() {
                    plain += 1;
                    assert!(webpki_takes(&changed), "at {at}: {:x?} ({:x})", rest[0], changed[at]);
                }
            }
        }
        assert!(plain > der.len(), "most is in names, keys and the signature");
    }
}
