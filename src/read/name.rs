//! The hash of a name, by which `openssl rehash` names files. It may use `der`.
//!
//! OpenSSL hashes names in a canonical form (crypto/x509/x_name.c), in which those are the same that
//! differ only in the types of their strings, in blanks or in ASCII case.

use super::der::{self, SEQUENCE, SET, elements};
use sha1_smol::Sha1;
use std::collections::BinaryHeap;
use std::iter;

const UTF8: u8 = 0x0c;
const PRINTABLE: u8 = 0x13;
const T61: u8 = 0x14;
const IA5: u8 = 0x16;
const UNIVERSAL: u8 = 0x1c;
const BMP: u8 = 0x1e;
const COMMON_NAME: &[u8] = &[0x55, 4, 3];

/// Hashes what is in a Name's SEQUENCE (RFC 5280, section 4.1.2.4), as `openssl x509 -subject_hash`
/// does; `None` where OpenSSL cannot read the name, or it is not DER.
pub(crate) fn hash(name: &[u8]) -> Option<u32> {
    let mut canonical = Vec::with_capacity(2 * name.len());
    for set in elements(name) {
        let start = canonical.len();
        let mut attributes = elements(set?.content_of(SET)?);
        if let Some(attribute) = attributes.next() {
            add_attribute(&mut canonical, attribute?.content_of(SEQUENCE)?)?;
        }
        if let Some(second) = attributes.next() {
            // In their order, by a heap: its code is a tenth of that of a sort.
            let mut sorted = BinaryHeap::from([canonical.split_off(start)]);
            for attribute in iter::once(second).chain(attributes) {
                let mut canonical = Vec::new();
                add_attribute(&mut canonical, attribute?.content_of(SEQUENCE)?)?;
                sorted.push(canonical);
            }
            canonical.append(&mut sorted.into_sorted_vec().concat());
        }
        // OpenSSL passes over an empty set.
        if canonical.len() > start {
            der::wrap(&mut canonical, start, SET);
        }
    }
    let [a, b, c, d, ..] = Sha1::from(canonical).digest().bytes();
    Some(u32::from_le_bytes([a, b, c, d]))
}

fn add_attribute(canonical: &mut Vec<u8>, attribute: &[u8]) -> Option<()> {
    let start = canonical.len();
    let kind = der::element(attribute)?;
    let value = der::element(kind.rest).filter(|value| value.rest.is_empty())?;
    canonical.extend_from_slice(kind.content_of(der::OID)?);
    der::wrap(canonical, start, der::OID);
    add_value(canonical, value.tag, value.content)?;
    der::wrap(canonical, start, SEQUENCE);
    Some(())
}

/// Text becomes UTF-8 in small letters, with one space between words and none around them.
fn add_value(canonical: &mut Vec<u8>, tag: u8, content: &[u8]) -> Option<()> {
    let start = canonical.len();
    // NumericString, BIT STRING, and types that OpenSSL has no name for.
    if matches!(tag, SEQUENCE | 0x03 | 0x07..=0x09 | 0x0b | 0x0d..=0x0f | 0x12 | 0x1d) {
        canonical.extend_from_slice(content);
        der::wrap(canonical, start, tag);
        return Some(());
    }
    let text = text(tag, content)?;
    let blank = |b: &u8| b.is_ascii_whitespace() || *b == b'\x0b';
    for word in text.as_bytes().split(blank).filter(|word| !word.is_empty()) {
        if canonical.len() > start {
            canonical.push(b' ');
        }
        canonical.extend_from_slice(word);
    }
    canonical[start..].make_ascii_lowercase();
    der::wrap(canonical, start, UTF8);
    Some(())
}

fn text(tag: u8, content: &[u8]) -> Option<String> {
    match tag {
        UTF8 => String::from_utf8(content.to_vec()).ok(),
        // What is not ASCII counts as Latin-1, whatever the type allows.
        PRINTABLE | T61 | IA5 => Some(content.iter().copied().map(char::from).collect()),
        BMP => wide::<2>(content),
        UNIVERSAL => wide::<4>(content),
        _ => None,
    }
}

/// What people call what has this name: its common name, or else the first text that is in it.
pub(crate) fn spoken(name: &[u8]) -> Option<String> {
    let mut first = None;
    for set in elements(name) {
        for attribute in elements(set?.content_of(SET)?) {
            let kind = der::element(attribute?.content_of(SEQUENCE)?)?;
            let value = der::element(kind.rest)?;
            let text = text(value.tag, value.content);
            if kind.content == COMMON_NAME && text.is_some() {
                return text;
            }
            first = first.or(text);
        }
    }
    first
}

/// Text of which every character has as many bytes.
fn wide<const N: usize>(content: &[u8]) -> Option<String> {
    let code = |bytes: &[u8]| bytes.iter().fold(0, |code, &byte| code << 8 | u32::from(byte));
    let characters = content.chunks(N);
    characters.map(|c| char::from_u32(code(c)).filter(|_| c.len() == N)).collect()
}

#[cfg(test)]
mod tests {
    use super::{BMP, IA5, PRINTABLE, SEQUENCE, SET, T61, UNIVERSAL, UTF8, hash};
    use crate::read::der::{self, encode};

    const BIT_STRING: u8 = 0x03;
    const OCTETS: u8 = 0x04;
    const NUMERIC: u8 = 0x12;
    const VISIBLE: u8 = 0x1a;

    const C: &[u8] = b"\x55\x04\x06";
    const CN: &[u8] = b"\x55\x04\x03";
    const DC: &[u8] = b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19";
    const EMAIL: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01";
    const O: &[u8] = b"\x55\x04\x0a";
    const OU: &[u8] = b"\x55\x04\x0b";
    const SERIAL: &[u8] = b"\x55\x04\x05";
    const UID: &[u8] = b"\x55\x04\x2d";

    /// A set of attributes: type, type of the value, value.
    type Set<'a> = &'a [(&'a [u8], u8, &'a [u8])];

    fn name(sets: &[Set<'_>]) -> Vec<u8> {
        let attribute = |&(kind, tag, value): &(&[u8], u8, &[u8])| {
            encode(SEQUENCE, &[encode(der::OID, kind), encode(tag, value)].concat())
        };
        let set =
            |set: &Set<'_>| encode(SET, &set.iter().map(attribute).collect::<Vec<_>>().concat());
        sets.iter().flat_map(set).collect()
    }

    /// What is expected is what OpenSSL 3.0.19 printed for a certificate with the name as its subject:
    /// `openssl x509 -inform DER -noout -subject_hash`. It refused to read those with `None`.
    #[test]
    fn hashes_are_those_of_openssl() {
        let table: &[(&[Set<'_>], Option<u32>)] = &[
            (&[], Some(0xeea339da)),
            (&[&[]], Some(0xeea339da)),
            (&[&[(CN, UTF8, b"")]], Some(0x5da78770)),
            (&[&[(CN, UTF8, b"a")]], Some(0x20b69a40)),
            (&[&[(CN, PRINTABLE, b"a")]], Some(0x20b69a40)),
            (&[&[(CN, T61, b"a")]], Some(0x20b69a40)),
            (&[&[(CN, IA5, b"a")]], Some(0x20b69a40)),
            (&[&[(CN, BMP, b"\0a")]], Some(0x20b69a40)),
            (&[&[(CN, UNIVERSAL, b"\0\0\0a")]], Some(0x20b69a40)),
            (&[&[(O, UTF8, b"a")]], Some(0x0aebb8f4)),
            (&[&[(CN, UTF8, b" \tA  B\r\n c ")]], Some(0x59d33821)),
            (&[&[(CN, PRINTABLE, b"a b c")]], Some(0x59d33821)),
            (&[&[(CN, BMP, b"\0\x0b\0 \0A\0\x0b\0b\0\x0c\0\x0b\0C\0\x0c")]], Some(0x59d33821)),
            (
                &[&[(CN, UNIVERSAL, b"\0\0\0 \0\0\0A\0\0\0 \0\0\0 \0\0\0B\0\0\0 \0\0\0C")]],
                Some(0x59d33821),
            ),
            (&[&[(CN, UTF8, b" \t ")]], Some(0x5da78770)),
            (&[&[(CN, UTF8, b"\xc3\x9cbung \xc3\x89")]], Some(0x95162d71)),
            (&[&[(CN, T61, b"\xdcbung \xc9")]], Some(0x95162d71)),
            (&[&[(CN, IA5, b"\xdcbung \xc9")]], Some(0x95162d71)),
            (&[&[(CN, PRINTABLE, b"\xdcbung \xc9")]], Some(0x95162d71)),
            (&[&[(CN, BMP, b"\0\xdc\0b\0u\0n\0g\0 \0\xc9")]], Some(0x95162d71)),
            (
                &[&[(CN, UNIVERSAL, b"\0\0\0\xdc\0\0\0b\0\0\0u\0\0\0n\0\0\0g\0\0\0 \0\0\0\xc9")]],
                Some(0x95162d71),
            ),
            (&[&[(CN, UTF8, b"\xc2\xa0a\xe2\x80\x83b\xe3\x80\x80\xc2\x85")]], Some(0x4e0541a2)),
            (&[&[(CN, T61, b"\xa0a\x85")]], Some(0x774d68b9)),
            (&[&[(CN, UTF8, b"K \xc4\xb0 \xe4\xb8\x80 \xf0\x9f\x98\x80")]], Some(0x9d220f85)),
            (
                &[&[(CN, UNIVERSAL, b"\0\0\0K\0\0\0 \0\0\x010\0\0\0 \0\0N\0\0\0\0 \0\x01\xf6\0")]],
                Some(0x9d220f85),
            ),
            (&[&[(CN, BMP, b"\xff\xff")]], Some(0xa7353280)),
            (&[&[(CN, UTF8, b"a\0 B\x1c\x1f ")]], Some(0xc2cfa549)),
            (&[&[(SERIAL, NUMERIC, b" 12  34 ")]], Some(0xe4e5aa12)),
            (&[&[(SERIAL, NUMERIC, b"")]], Some(0xc71cfbac)),
            (&[&[(SERIAL, PRINTABLE, b" 12  34 ")]], Some(0xe9bb5c6d)),
            (&[&[(UID, BIT_STRING, b"\x04 Ap")]], Some(0x117d9aa9)),
            (&[&[(UID, SEQUENCE, b"\x0c\x01A")]], Some(0x6ec3bba8)),
            (&[&[(CN, UTF8, &[b'x'; 127])]], Some(0x016df46f)),
            (&[&[(CN, UTF8, &[b'x'; 128])]], Some(0x6468be98)),
            (&[&[(CN, T61, &[0xe9; 128])]], Some(0x4bb13fb3)),
            (&[&[(CN, UTF8, &[b'x'; 300])], &[(O, UTF8, &[b'y'; 60000])]], Some(0x2e42a10a)),
            (
                &[
                    &[(C, PRINTABLE, b"DE")],
                    &[(O, UTF8, b"A  Company")],
                    &[(OU, T61, b"Unit")],
                    &[(CN, BMP, b"\0R\0o\0o\0t\0 \0C\0A")],
                ],
                Some(0xdcff6b9e),
            ),
            (
                &[
                    &[(DC, IA5, b"ORG")],
                    &[(DC, IA5, b"Example")],
                    &[(EMAIL, IA5, b"CA@Example.org")],
                ],
                Some(0x86b330a9),
            ),
            (&[&[(CN, UTF8, b"b")], &[(CN, UTF8, b"a")]], Some(0xc84a7fc2)),
            (&[&[(CN, UTF8, b"a")], &[(CN, UTF8, b"b")]], Some(0x286382a1)),
            (&[&[(CN, UTF8, b"b"), (CN, UTF8, b"a")]], Some(0x3881cc6b)),
            (&[&[(CN, UTF8, b"a"), (CN, UTF8, b"b")]], Some(0x3881cc6b)),
            (
                &[&[(OU, UTF8, b"a"), (CN, UTF8, b"bb"), (CN, T61, b"B"), (C, PRINTABLE, b"de")]],
                Some(0xd0e03a46),
            ),
            (&[&[(CN, UTF8, b"a"), (CN, PRINTABLE, b"A")]], Some(0x48307a1e)),
            (&[&[], &[(CN, UTF8, b"a")], &[]], Some(0x20b69a40)),
            (&[&[(CN, UTF8, b"a\xff")]], None),
            (&[&[(CN, UTF8, b"\xc0\x80")]], None),
            (&[&[(CN, UTF8, b"\xed\xa0\x80")]], None),
            (&[&[(CN, UTF8, b"\xf4\x90\x80\x80")]], None),
            (&[&[(CN, BMP, b"\0a\0")]], None),
            (&[&[(CN, BMP, b"\xd8=\xde\0")]], None),
            (&[&[(CN, UNIVERSAL, b"\0\0a")]], None),
            (&[&[(CN, UNIVERSAL, b"\0\x11\0\0")]], None),
            (&[&[(CN, VISIBLE, b"a")]], None),
            (&[&[(CN, OCTETS, b"a")]], None),
        ];
        for (sets, expected) in table {
            assert_eq!(hash(&name(sets)), *expected, "{sets:x?}");
        }
    }

    #[test]
    fn what_is_no_name_has_no_hash() {
        let good = name(&[&[(CN, UTF8, b"a")]]);
        for end in 1..good.len() {
            assert_eq!(hash(&good[..end]), None, "cut off at {end}");
        }
        let attribute = &[encode(der::OID, CN), encode(UTF8, b"a")].concat();
        let no_value = encode(der::OID, CN);
        let longer = [attribute.clone(), encode(UTF8, b"b")].concat();
        for bad in [
            [&*good, b"\0"].concat(),
            encode(SEQUENCE, &encode(SET, attribute)),
            encode(SET, attribute),
            encode(SET, &encode(SEQUENCE, &no_value)),
            encode(SET, &encode(SEQUENCE, &longer)),
        ] {
            assert_eq!(hash(&bad), None, "{bad:x?}");
        }
        assert_eq!(hash(&encode(SET, &encode(SEQUENCE, attribute))), hash(&good));
    }
}
