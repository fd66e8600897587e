//! As much DER (X.690) as it takes to find the names in a certificate, and to read what is made of
//! simple elements. It uses nothing else of this crate.
//!
//! It is as strict as webpki about how lengths are written. What it does not understand it gives
//! `None` for; nobody may take that for "there is none".

use std::ops::Range;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;

/// The first four bytes of an element at an offset, zeros where there are no more.
pub(crate) type Head = [u8; 4];

/// Where the parts of a certificate are, in bytes from its beginning.
#[derive(Debug, PartialEq)]
pub(crate) struct Names {
    /// How long the certificate is.
    pub(crate) length: usize,
    /// What is in the issuer's SEQUENCE.
    pub(crate) issuer: Range<usize>,
    /// What is in the subject's SEQUENCE.
    pub(crate) subject: Range<usize>,
}

/// Walks through a certificate (RFC 5280, section 4.1) up to its subject, whatever form it is in:
/// `head` reads it. Certificates longer than 64 KiB are not understood.
#[inline(always)]
pub(crate) fn names(head: impl Fn(usize) -> Option<Head>) -> Option<Names> {
    let at = |offset, tag| content(head(offset)?, offset, tag);
    let (length, fields_end, next) = match (head(0)?, head(4)?, head(8)?) {
        // As nearly all begin: two lengths of two bytes, and version 3.
        (
            [SEQUENCE, 0x82, a @ 1..=0xff, b],
            [SEQUENCE, 0x82, c @ 1..=0xff, d],
            [VERSION, 3, ..],
        ) => (4 + two_bytes(a, b), 8 + two_bytes(c, d), 13),
        _ => {
            let certificate = at(0, SEQUENCE)?;
            let fields = at(certificate.start, SEQUENCE)?;
            let next = match head(fields.start)? {
                [VERSION, ..] => at(fields.start, VERSION)?.end,
                _ => fields.start,
            };
            (certificate.end, fields.end, next)
        }
    };
    let serial_number = at(next, INTEGER)?;
    let algorithm = at(serial_number.end, SEQUENCE)?;
    let issuer = at(algorithm.end, SEQUENCE)?;
    let validity = at(issuer.end, SEQUENCE)?;
    let subject = at(validity.end, SEQUENCE)?;
    (subject.end <= fields_end && fields_end <= length).then_some(Names { length, issuer, subject })
}

fn two_bytes(high: u8, low: u8) -> usize {
    usize::from(high) << 8 | usize::from(low)
}

/// The names of a certificate in DER that may be followed by something else.
pub(crate) fn names_in(der: &[u8]) -> Option<Names> {
    let names = names(|offset| {
        let rest = der.get(offset..)?;
        let mut head = Head::default();
        let length = rest.len().min(head.len());
        head[..length].copy_from_slice(&rest[..length]);
        Some(head)
    })?;
    (names.length <= der.len()).then_some(names)
}

/// What is in the SEQUENCEs of a certificate's subject and public key: by these two it is known whichever CA
/// has signed it, and however often.
pub(crate) fn identity_in(der: &[u8]) -> Option<(Range<usize>, Range<usize>)> {
    let subject = names_in(der)?.subject;
    let key = element(&der[subject.end..])?.content_of(SEQUENCE)?;
    let start = key.as_ptr() as usize - der.as_ptr() as usize;
    Some((subject, start..start + key.len()))
}

/// An element, and what is behind it.
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) rest: &'a [u8],
}

impl<'a> Element<'a> {
    /// The content, if the element is of this type.
    pub(crate) fn content_of(&self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.content)
    }
}

/// The elements that some bytes consist of. It ends with a `None` where they consist of something
/// else.
pub(crate) fn elements(mut bytes: &[u8]) -> impl Iterator<Item = Option<Element<'_>>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let element = element(bytes);
        bytes = element.as_ref().map_or(&[], |element| element.rest);
        Some(element)
    })
}

/// The first element of some bytes; as long as 64 KiB.
pub(crate) fn element(bytes: &[u8]) -> Option<Element<'_>> {
    let mut head = Head::default();
    let length = bytes.len().min(head.len());
    head[..length].copy_from_slice(&bytes[..length]);
    let tag = head[0];
    let content = content(head, 0, tag)?;
    let rest = bytes.get(content.end..)?;
    Some(Element { tag, content: &bytes[content], rest })
}

/// An element with this content.
pub(crate) fn encode(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut element = content.to_vec();
    wrap(&mut element, 0, tag);
    element
}

/// Makes what stands from an offset on the content of an element.
pub(crate) fn wrap(bytes: &mut Vec<u8>, start: usize, tag: u8) {
    let length = bytes.len() - start;
    if length <= 0x7f {
        bytes.splice(start..start, [tag, length as u8]);
        return;
    }
    let digits = length.to_be_bytes();
    let digits = &digits[length.leading_zeros() as usize / 8..];
    let head = [tag, 0x80 | digits.len() as u8];
    bytes.splice(start..start, head.iter().chain(digits).copied());
}

/// Where the content of the element is that begins at an offset.
#[inline(always)]
fn content(head: Head, offset: usize, tag: u8) -> Option<Range<usize>> {
    let (start, length) = match head {
        [first, ..] if first != tag || first & 0x1f == 0x1f => return None,
        [_, length @ 0..=0x7f, ..] => (2, usize::from(length)),
        [_, 0x81, length @ 0x80..=0xff, _] => (3, usize::from(length)),
        [_, 0x82, high @ 1..=0xff, low] => (4, two_bytes(high, low)),
        _ => return None,
    };
    let start = offset + start;
    Some(start..start + length)
}

#[cfg(test)]
mod tests {
    use super::{SEQUENCE, element, elements, encode, identity_in, names_in};
    use rcgen::{CertificateParams, DnType, KeyPair};
    use rustls::RootCertStore;
    use rustls::pki_types::CertificateDer;

    fn certificate(name: &str) -> CertificateDer<'static> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().into()
    }

    #[test]
    fn names_are_those_that_webpki_finds() {
        for name in ["a", &"long ".repeat(60), &"longer ".repeat(600)] {
            let der = certificate(name);
            let mut roots = RootCertStore::empty();
            roots.add(der.clone()).unwrap();
            let names = names_in(&der).unwrap();
            assert_eq!(&der[names.subject], &*roots.roots[0].subject);
            assert_eq!(&der[names.issuer], &*roots.roots[0].subject);
            assert_eq!(names.length, der.len());
            let (subject, key) = identity_in(&der).unwrap();
            assert_eq!(&der[subject], &*roots.roots[0].subject);
            assert_eq!(&der[key], &*roots.roots[0].subject_public_key_info);
            let longer = [&*der, b"more"].concat();
            assert_eq!(names_in(&longer).unwrap().length, der.len());
            for end in 0..der.len() {
                assert_eq!(names_in(&der[..end]), None, "cut off at {end}");
            }
        }
    }

    #[test]
    fn lengths_are_written_in_the_shortest_way() {
        let parse = |bytes: &[u8]| element(bytes).map(|e| (e.content.len(), e.rest.len()));
        let long = [&[SEQUENCE, 0x82, 1, 0], [7; 300].as_slice()].concat();
        for (bytes, expected) in [
            (&[SEQUENCE, 0][..], Some((0, 0))),
            (&[SEQUENCE, 1, 5, 9], Some((1, 1))),
            (&[SEQUENCE, 2, 5], None),
            (&[SEQUENCE], None),
            (&[], None),
            (&[0x1f, 0], None),
            (&[SEQUENCE, 0x80, 0, 0], None),
            (&[SEQUENCE, 0x81, 1, 5], None),
            (&[SEQUENCE, 0x82, 0, 1, 5], None),
            (&[SEQUENCE, 0x83, 1, 0, 0], None),
            (&long, Some((256, 44))),
            (&long[..200], None),
        ] {
            assert_eq!(parse(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff] {
            let content = vec![7; length];
            let twice = encode(SEQUENCE, &content).repeat(2);
            let read = elements(&twice).map(|e| e.unwrap().content_of(SEQUENCE).unwrap());
            assert_eq!(read.collect::<Vec<_>>(), [&*content, &*content], "{length}");
        }
        let cut = [encode(SEQUENCE, b"a"), vec![SEQUENCE]].concat();
        let read: Vec<_> = elements(&cut).map(|e| e.is_some()).collect();
        assert_eq!(read, [true, false]);
    }
}
