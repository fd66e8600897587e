//! Certificates in DER taken apart and changed, as nobody would sign them. It may use `random`.

use crate::random::Random;
use std::ops::Range;

/// The elements of the part that is signed, with their heads: version, serial number, algorithm,
/// issuer, validity, subject, key, extensions.
fn fields(certificate: &[u8]) -> Option<Vec<Range<usize>>> {
    let signed = content(certificate, content(certificate, 0)?.start)?;
    let mut fields = Vec::new();
    let mut at = signed.start;
    while at < signed.end {
        let end = content(certificate, at)?.end;
        fields.push(at..end);
        at = end;
    }
    Some(fields)
}

/// Where the content of the element is that begins at an offset.
fn content(der: &[u8], at: usize) -> Option<Range<usize>> {
    let first = usize::from(*der.get(at + 1)?);
    let (start, length) = if first < 0x80 {
        (at + 2, first)
    } else {
        let start = at + 2 + (first - 0x80);
        let bytes = der.get(at + 2..start).filter(|bytes| bytes.len() <= 4)?;
        (start, bytes.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)))
    };
    (start + length <= der.len()).then_some(start..start + length)
}

fn sequence(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[0x30, 0x84], &length[..], content].concat()
}

/// As `sequence`, in the shortest form, which is the only one that DER has.
fn der_sequence(content: &[u8]) -> Vec<u8> {
    match u16::try_from(content.len()).unwrap() {
        short @ 0..0x80 => [&[0x30, short.to_be_bytes()[1]], content].concat(),
        middle @ 0x80..0x100 => [&[0x30, 0x81, middle.to_be_bytes()[1]], content].concat(),
        long => [&[0x30, 0x82], &long.to_be_bytes()[..], content].concat(),
    }
}

/// What is in the issuer's SEQUENCE.
pub(crate) fn issuer(certificate: &[u8]) -> Option<&[u8]> {
    let issuer = fields(certificate)?.get(3)?.start;
    certificate.get(content(certificate, issuer)?)
}

/// Version 1: without its version and its extensions. The signature is that of version 3, which
/// does not matter in a trust anchor.
pub(crate) fn version_1(certificate: &[u8]) -> Vec<u8> {
    let fields = fields(certificate).unwrap();
    let outer = content(certificate, 0).unwrap();
    let signature = content(certificate, outer.start).unwrap().end..outer.end;
    let signed = der_sequence(&certificate[fields[1].start..fields[6].end]);
    der_sequence(&[&signed, &certificate[signature]].concat())
}

/// With the length of the whole written in more bytes than it takes: BER, and not DER.
pub(crate) fn long_form(certificate: &[u8]) -> Vec<u8> {
    sequence(&certificate[content(certificate, 0).unwrap()])
}

/// Signed, as it says, in a way that no provider knows.
pub(crate) fn unknown_algorithm(certificate: &[u8]) -> Vec<u8> {
    const ECDSA: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];
    const ED: &[u8] = &[0x06, 0x03, 0x2b, 0x65];
    let mut changed = certificate.to_vec();
    for oid in [ECDSA, ED] {
        for at in 0..certificate.len() - oid.len() {
            if certificate[at..].starts_with(oid) {
                changed[at + oid.len()] = 0x01;
            }
        }
    }
    changed
}

/// With one byte changed, anywhere: more often than not up to its key, as other things decide
/// less.
pub(crate) fn damaged(certificate: &[u8], random: &mut Random) -> Vec<u8> {
    let mut changed = certificate.to_vec();
    let end = match fields(certificate) {
        Some(fields) if fields.len() > 6 && random.percent(70) => fields[6].end,
        _ => changed.len(),
    };
    if changed.is_empty() {
        return vec![0x30];
    }
    let at = random.below(end);
    changed[at] ^= match random.below(3) {
        0 => 1 << random.below(8),
        1 => 0x01,
        _ => random.next().to_le_bytes()[0] | 1,
    };
    changed
}

/// No certificate any more, or one in a form that is refused, or a lot that never was one.
pub(crate) fn garbage(certificate: &[u8], random: &mut Random) -> Vec<u8> {
    match random.below(7) {
        0 => Vec::new(),
        1 => certificate[..random.below(certificate.len())].to_vec(),
        2 => [certificate, &[0]].concat(),
        3 => long_form(certificate),
        4 => {
            let length = 1 + random.below(400);
            random.bytes(length)
        }
        5 => unknown_algorithm(certificate),
        _ => damaged(certificate, random),
    }
}
