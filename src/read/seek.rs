//! The quick way to the first certificate in a bundle that may verify a chain. It may use `base64`,
//! `index`, `der`, `pem`, `usable` and `file`.
//!
//! It jumps from block to block by the length that each certificate says it has, and looks closer at
//! those whose issuer is looked for, because a root has issued itself. What it takes, the careful reader
//! takes, too: a BEGIN that stands alone on its line begins a block whatever comes before it, and what
//! is nothing but base64 up to the END is that block's certificate.
//!
//! It goes on to the end, because anything behind may reject what it has found. It looks at no other
//! certificate for that: what rejects one is no block that begins and ends where an ordinary one does, and no
//! comment. At anything else it gives up. But it does not look for others of the same name, so nobody may be
//! refused for what it has not found.

use super::base64::{NONE, three};
use super::der::{self, Head, SEQUENCE};
use super::index::head;
use super::pem::{self, COLUMNS};
use super::usable::{self, Usable};
use crate::file;
use rustls::pki_types::CertificateDer;
use std::io;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----\n";
const END: &[u8] = b"-----END CERTIFICATE-----\n";
/// How many blocks are looked into.
const MOST: usize = 32;
/// How much of a block is looked at, in bytes; most issuers end before that.
const LOOK: usize = 384;

/// A certificate with one of these names as its subject, from a bundle of this size that `read` reads, as
/// the index is made from it; nothing is rejected in that bundle. `None` says nothing about what is in it.
pub(crate) fn seek(
    names: &[&[u8]],
    size: u64,
    read: impl Fn(u64, &mut [u8]) -> io::Result<usize>,
) -> io::Result<Option<CertificateDer<'static>>> {
    file::with_room(|bytes| seek_in(Window { read, size, bytes, start: 0, filled: 0 }, names))
}

/// The same for a bundle in memory.
pub(crate) fn seek_slice(names: &[&[u8]], bytes: &[u8]) -> Option<CertificateDer<'static>> {
    seek_in(bytes, names).expect("there is nothing to go wrong")
}

fn seek_in(mut text_of: impl Text, names: &[&[u8]]) -> io::Result<Option<CertificateDer<'static>>> {
    let wanted = Wanted::new(names);
    // Where a line begins, or where an END has to be.
    let (mut place, mut is_behind_body) = (0, false);
    let (mut looked_into, mut certificate) = (0, None);
    loop {
        let text = text_of.at(place)?;
        let end = text.strip_prefix(END);
        let (begin, body) = if let Some(body) = end.and_then(|text| text.strip_prefix(BEGIN)) {
            (place + END.len() as u64, body)
        } else if is_behind_body {
            if end.is_none() {
                return Ok(None);
            }
            place += END.len() as u64;
            is_behind_body = false;
            continue;
        } else if let Some(body) = text.strip_prefix(BEGIN) {
            (place, body)
        } else {
            match memchr::memchr(b'\n', text) {
                Some(end) if is_comment(&text[..end]) => place += end as u64 + 1,
                None if text.is_empty() => return Ok(certificate),
                _ => return Ok(None),
            }
            continue;
        };
        let Some(length) = body_length(body) else { return Ok(None) };
        let is_wanted = certificate.is_none() && wanted.is_issuer(body);
        place = begin + (BEGIN.len() + length) as u64;
        is_behind_body = true;
        if is_wanted {
            let mut block = vec![0; (place - begin) as usize + END.len()];
            let length = text_of.copy(begin, &mut block)?;
            certificate = pem::strict(&block[..length]).filter(|der| has_one(der, names));
            looked_into += 1;
            if certificate.is_none() && looked_into == MOST {
                return Ok(None);
            }
        }
    }
}

/// Whether a line is a comment. What begins a block has five dashes, and the words of p11-kit have one
/// near their beginning, with blanks or a byte order mark before it.
fn is_comment(line: &[u8]) -> bool {
    let Some(first) = memchr::memchr2(b'-', b'\r', line) else { return true };
    let before = line[..first].iter().filter(|b| !b.is_ascii_whitespace()).count();
    let is_word = || before > 8 && !line[first..].windows(5).any(|window| window == b"-----");
    !line.contains(&b'\r') && (is_word() || pem::is_comment(line))
}

/// Whether a certificate can be an anchor, and one of these names is its subject.
fn has_one(der: &CertificateDer<'_>, names: &[&[u8]]) -> bool {
    der::names_in(der).is_some_and(|found| names.contains(&&der[found.subject]))
        && usable::check(der) == Ok(Usable::Anchor)
}

/// What a bundle holds.
trait Text {
    /// What stands at a place: enough to look at, or all that there is.
    fn at(&mut self, place: u64) -> io::Result<&[u8]>;

    /// Puts into a buffer what stands at a place, and says how much that was.
    fn copy(&self, place: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

impl Text for &[u8] {
    fn at(&mut self, place: u64) -> io::Result<&[u8]> {
        Ok(self.get(place as usize..).unwrap_or_default())
    }

    fn copy(&self, place: u64, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(file::slice_some(self, place, buffer))
    }
}

/// A part of a file.
struct Window<'a, R> {
    read: R,
    size: u64,
    bytes: &'a mut [u8],
    /// Where in the file it is, and how much of it is filled.
    start: u64,
    filled: usize,
}

impl<R: Fn(u64, &mut [u8]) -> io::Result<usize>> Text for Window<'_, R> {
    #[inline(always)]
    fn at(&mut self, place: u64) -> io::Result<&[u8]> {
        let end = self.start + self.filled as u64;
        if end < self.size && place + LOOK as u64 > end {
            self.start = place;
            self.filled = (self.read)(place, self.bytes)?;
        }
        let offset = (place - self.start) as usize;
        Ok(self.bytes[..self.filled].get(offset..).unwrap_or_default())
    }

    fn copy(&self, place: u64, buffer: &mut [u8]) -> io::Result<usize> {
        (self.read)(place, buffer)
    }
}

/// How long a body is, with its last line end, if its certificate begins as nearly all do: with a length
/// of two bytes, below 16 KiB.
#[inline(always)]
fn body_length(body: &[u8]) -> Option<usize> {
    let [b'M', b'I', b'I', a, b, c] = *body.first_chunk()? else { return None };
    let last_two = three(&[b'A', a, b, c]);
    let length = 4 + (last_two >> 4) as usize;
    let characters = length.div_ceil(3) * 4;
    (last_two < NONE).then_some(characters + characters.div_ceil(COLUMNS))
}

/// By what some names are told from most others.
struct Wanted {
    /// Whether a name has this as the first byte of its length.
    lengths: [bool; 256],
    /// Of each name how far behind its beginning the last four bytes are, and these.
    ends: Vec<(usize, Head)>,
}

impl Wanted {
    fn new(names: &[&[u8]]) -> Self {
        let mut wanted = Self { lengths: [false; 256], ends: Vec::new() };
        for name in names {
            let whole = der::encode(SEQUENCE, name);
            if let Some(last) = name.last_chunk() {
                wanted.lengths[usize::from(whole[1])] = true;
                wanted.ends.push((whole.len() - last.len(), *last));
            }
        }
        wanted
    }

    /// Whether the issuer of the certificate in a body may be one of them.
    #[inline(always)]
    fn is_issuer(&self, body: &[u8]) -> bool {
        // As nearly all begin: two lengths of two bytes, and version 3.
        let Some(serial_number) = byte(body, 14) else { return false };
        let algorithm = 15 + serial_number;
        let Some(length) = byte(body, algorithm + 1) else { return false };
        let issuer = algorithm + 2 + length;
        let Some(length) = byte(body, issuer + 1) else { return false };
        self.lengths[length & 0xff]
            && self.ends.iter().any(|(offset, last)| head(body, issuer + offset) == Some(*last))
    }
}

/// One byte of what a body is the base64 of, or any if it is not.
#[inline(always)]
fn byte(body: &[u8], offset: usize) -> Option<usize> {
    // The first of the two characters that it is in, which are always in one line.
    let first = offset * 4 / 3;
    let characters = body.get(first + first / COLUMNS..)?.first_chunk()?;
    let [a, b]: [u8; 2] = *characters;
    let value = three(&[b'A', b'A', a, b]) as usize;
    Some(value >> (4 - 2 * (offset * 4 - first * 3)) & 0xff)
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, LOOK, MOST, seek, seek_slice};
    use crate::file;
    use crate::read::der;
    use rcgen::{
        BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
    };
    use rustls::pki_types::CertificateDer;

    const WINDOW: usize = 16 << 10;

    fn named(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    }

    fn root(name: &str, key: &KeyPair) -> (String, CertificateDer<'static>) {
        let certificate = named(name).self_signed(key).unwrap();
        (certificate.pem().replace('\r', ""), certificate.der().clone())
    }

    fn key() -> KeyPair {
        KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
    }

    fn sought(
        bundle: &str,
        wanted: &[&CertificateDer<'static>],
    ) -> Option<CertificateDer<'static>> {
        let subject =
            |der: &&CertificateDer<'static>| der[der::names_in(der).unwrap().subject].to_vec();
        let names: Vec<_> = wanted.iter().map(subject).collect();
        let names: Vec<_> = names.iter().map(Vec::as_slice).collect();
        let read = |place, room: &mut [u8]| Ok(file::slice_some(bundle.as_bytes(), place, room));
        let found = seek(&names, bundle.len() as u64, read).unwrap();
        // Of what is in memory no line is too long.
        let in_memory = seek_slice(&names, bundle.as_bytes());
        assert!(found.is_none() || in_memory == found);
        found
    }

    /// Names of all usual lengths (a certificate with a shorter one has another beginning), so that what is
    /// looked at stands in every column, and blocks lie across the ends of the window in every way.
    #[test]
    fn a_root_is_found_wherever_it_stands() {
        let key = key();
        let roots: Vec<_> = (10..150)
            .map(|length| {
                root(&('a'..='z').cycle().skip(length).take(length).collect::<String>(), &key)
            })
            .collect();
        let plain: String = roots.iter().map(|(block, _)| block.as_str()).collect();
        assert!(plain.len() > 4 * WINDOW);
        let commented: String = roots
            .iter()
            .map(|(block, _)| format!("\nSome CA\n=======\n{block}# -----\n"))
            .collect();
        for (_, der) in &roots {
            assert_eq!(sought(&plain, &[der]).as_ref(), Some(der));
            assert_eq!(sought(&commented, &[der]).as_ref(), Some(der));
        }
        let (stranger, third) =
            (root("a stranger, with the name of a stranger", &key).1, &roots[3].1);
        assert_eq!(sought(&plain, &[&stranger]), None);
        assert_eq!(sought(&plain, &[&stranger, &roots[9].1, third]).as_ref(), Some(third));
    }

    /// Another certificate with the same name as issuer is passed over.
    #[test]
    fn who_was_issued_by_it_is_not_taken_for_it() {
        let key = key();
        let (block, der) = root("a root that is looked for", &key);
        let params = named("a root that is looked for");
        let issuer = Issuer::from_params(&params, &key);
        let other = named("another").signed_by(&key, &issuer).unwrap().pem().replace('\r', "");
        assert_eq!(sought(&format!("{other}{block}"), &[&der]), Some(der.clone()));
        assert_eq!(sought(&other, &[&der]), None);
        let many = |count| sought(&format!("{}{block}", other.repeat(count)), &[&der]);
        assert_eq!((many(MOST - 1), many(MOST)), (Some(der.clone()), None));
    }

    /// What is not found is for the index or the careful reader.
    #[test]
    fn what_is_not_ordinary_is_overlooked() {
        let key = key();
        let ((first, _), (block, der)) =
            (root("a root that stands first", &key), root("a root that is looked for", &key));
        let begin = std::str::from_utf8(BEGIN).unwrap();
        let odd = block.replacen("\nMI", "\nMI ", 1);
        for (name, bundle, is_found) in [
            ("alone", block.clone(), true),
            ("behind another", format!("{first}{block}"), true),
            ("behind a comment", format!("# a - b\n\n{first}# -----\n{block}# [x]\n"), true),
            (
                "before a rejection",
                block.clone() + &block.replace("BEGIN ", "BEGIN TRUSTED "),
                false,
            ),
            ("before one of p11-kit", format!("{block}[p11-kit-object-v1]\n{first}"), false),
            ("before blanks", format!("{block}          x-distrusted: true\n{first}"), false),
            ("before half of one", format!("{block}x-distrusted: true\n{first}"), false),
            ("before one after CR", format!("{block}# \rx-distrusted: true\r{first}"), false),
            ("before something else", format!("{block}-----BEGIN X-----\n"), false),
            ("before half a block", block.clone() + &first[..100], false),
            ("behind a BEGIN", format!("{begin}{block}"), false),
            ("behind a block of another kind", first.replace("CERTIFICATE", "X") + &block, false),
            ("behind an odd one", format!("{odd}{block}"), false),
            ("a word before it", format!("{first}x {block}"), false),
            ("a blank before it", format!("{first} {block}"), false),
            ("behind a long line", format!("{}{block}", "x".repeat(WINDOW)), false),
            (
                "behind a long line that ends with the window",
                format!("{}{block}", "x".repeat(WINDOW - LOOK)),
                false,
            ),
            ("glued", format!("{}{block}", first.trim_end()), false),
            ("CRLF", block.replace('\n', "\r\n"), false),
            ("no base64", block.replacen("\n-----END", "!\n-----END", 1), false),
            ("a blank in it", odd.clone(), false),
            ("without END", block[..block.len() - 30].to_owned(), false),
            ("another END", block.replace("END CERT", "END X CERT"), false),
            ("empty", String::new(), false),
        ] {
            assert_eq!(sought(&bundle, &[&der]).is_some(), is_found, "{name}");
        }
    }
}
