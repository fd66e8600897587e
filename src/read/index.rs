//! The fast way through a bundle: where its certificates are, and by what their subjects can be told,
//! without decoding more of them than that takes. It may use `base64`, `block`, `der`, `file`, and `pem` for
//! what stands between the blocks.
//!
//! It takes a bundle only if it is ordinary from beginning to end: blocks `CERTIFICATE` in lines of
//! 64 characters and LF, as every tool writes them, with or without comments between them.
//! Otherwise it gives nothing, and the careful reader goes through the file. It decides on nothing:
//! whether a block holds a certificate is for the careful reader to say, when it is asked for.
//!
//! What has to hold is that the careful reader finds certificates in the same blocks and in no
//! others, each with the subject that is noted here. A block has no dash between its BEGIN and its
//! END, so nothing in it can end it, or begin another that counts. And every character in it is where
//! it has to be: its length is what its certificate says it is, and all its line ends are at their
//! places; one blank more, and there is too little left for a certificate.

use super::base64::{NONE, three};
use super::block::Block;
use super::der::{self, Head};
use super::pem::{self, COLUMNS};
use crate::file;
use std::io;

/// An ordinary block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: Key,
    /// Where its BEGIN is, in bytes from the beginning of the file. No file is longer than 4 GiB.
    pub(crate) start: u32,
    /// Up to the end of its END, in bytes.
    pub(crate) length: u32,
}

/// A name's length and its last four bytes: what tells names apart well enough to leave out most
/// that are not meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Key(u64);

impl Key {
    pub(crate) fn of(name: &[u8]) -> Self {
        Self::new(name.len(), name.last_chunk().copied().unwrap_or_default())
    }

    fn new(length: usize, last: Head) -> Self {
        Self((length as u64) << 32 | u64::from(u32::from_be_bytes(last)))
    }
}

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----\n";
const END: &[u8] = b"-----END CERTIFICATE-----";
/// How much is looked at at once. A longer block is not ordinary.
const WINDOW: usize = 16 << 10;

/// The blocks of an ordinary bundle of this size, in its order; `None` for any other file. `read` puts
/// into a buffer what stands at a place, and says how much. The memory it takes does not depend on the
/// file but for the entries.
pub(crate) fn index(
    size: u64,
    read: impl Fn(u64, &mut [u8]) -> io::Result<usize>,
) -> io::Result<Option<Vec<Entry>>> {
    let mut window = vec![0; WINDOW];
    // How much of it is filled, and where in the file it begins.
    let (mut filled, mut offset) = (0, 0);
    let mut entries = Vec::with_capacity(256);
    loop {
        let end = (offset + filled) as u64;
        let more = if end < size { read(end, &mut window[filled..])? } else { 0 };
        filled += more;
        let (is_all, mut at) = (more == 0, 0);
        loop {
            match next(&window[at..filled], is_all) {
                Next::Block { length, key } => {
                    entries.push(Entry { key, start: (offset + at) as u32, length: length as u32 });
                    at += length;
                }
                Next::Between(length) => at += length,
                Next::End => return Ok((!entries.is_empty()).then_some(entries)),
                Next::Odd => return Ok(None),
                Next::More if at == 0 && filled == WINDOW => return Ok(None),
                Next::More => break,
            }
        }
        window.copy_within(at..filled, 0);
        filled -= at;
        offset += at;
    }
}

/// The same for a bundle in memory.
pub(crate) fn index_slice(bytes: &[u8]) -> Option<Vec<Entry>> {
    let read = |place, room: &mut [u8]| Ok(file::slice_some(bytes, place, room));
    index(bytes.len() as u64, read).expect("there is nothing to go wrong")
}

/// The first block of a bundle of which this is the beginning, or all, if what stands before it is
/// ordinary, too.
pub(crate) fn first_block(mut text: &[u8], is_all: bool) -> Option<&[u8]> {
    loop {
        match next(text, is_all) {
            Next::Block { length, .. } => return Some(&text[..length]),
            Next::Between(length) => text = &text[length..],
            Next::End | Next::More | Next::Odd => return None,
        }
    }
}

/// What the careful reader finds in a bundle that is ordinary and in which all is base64; `None` for any
/// other.
pub(crate) fn blocks(bytes: &[u8]) -> Option<Vec<Block>> {
    let mut blocks = Vec::new();
    let (mut rest, mut line) = (bytes, 1);
    loop {
        let (length, lines) = match next(rest, true) {
            Next::Block { length, .. } => {
                let block = &rest[..length];
                blocks.push(Block::new(line, Ok(pem::strict(block)?)));
                (length, pem::ordinary_body(block)?.len().div_ceil(COLUMNS + 1) + 2)
            }
            Next::Between(length) => (length, 1),
            Next::End => return (!blocks.is_empty()).then_some(blocks),
            Next::More | Next::Odd => return None,
        };
        line += lines;
        rest = &rest[length..];
    }
}

/// What stands next in a bundle.
enum Next {
    /// A block of this length.
    Block { length: usize, key: Key },
    /// This much of no meaning.
    Between(usize),
    /// Nothing.
    End,
    /// It cannot be told without more of the file.
    More,
    /// Something that the careful reader has to look at.
    Odd,
}

/// Looks at what stands at the beginning of a text, which may be all that is left of the file.
#[inline]
fn next(text: &[u8], is_all: bool) -> Next {
    let unfinished = if is_all { Next::Odd } else { Next::More };
    let Some(rest) = text.strip_prefix(BEGIN) else {
        return between(text, is_all);
    };
    let Some(length) = memchr::memchr(b'-', rest) else { return unfinished };
    let (body, rest) = rest.split_at(length);
    let Some(behind) = rest.strip_prefix(END) else {
        return if END.starts_with(rest) { unfinished } else { Next::Odd };
    };
    match (behind.first(), key(body)) {
        (Some(b'\n'), Some(key)) => {
            Next::Block { length: BEGIN.len() + length + END.len() + 1, key }
        }
        (None, Some(key)) if is_all => {
            Next::Block { length: BEGIN.len() + length + END.len(), key }
        }
        (None, Some(_)) => Next::More,
        _ => Next::Odd,
    }
}

/// The line at the beginning of a text, if it is a comment or blank.
fn between(text: &[u8], is_all: bool) -> Next {
    let line = match memchr::memchr(b'\n', text) {
        Some(end) => &text[..=end],
        None if !is_all => return Next::More,
        None if text.is_empty() => return Next::End,
        None => text,
    };
    if line.contains(&b'\r') || line.starts_with(b"\xef\xbb\xbf") || !pem::is_comment(line) {
        return Next::Odd;
    }
    Next::Between(line.len())
}

/// By what to tell the subject of the certificate in a block's body, which ends with a line end;
/// `None` if the body is not ordinary.
#[inline(always)]
fn key(body: &[u8]) -> Option<Key> {
    // Most of what is asked for is at the beginning.
    let first = first(body)?;
    let names = der::names(|offset| match first.get(offset..offset + 4) {
        Some(head) => head.first_chunk().copied(),
        None => head(body, offset),
    })?;
    let characters = names.length.div_ceil(3) * 4;
    let lines = characters.div_ceil(COLUMNS);
    if body.len() != characters + lines || body.last() != Some(&b'\n') {
        return None;
    }
    let padding: &[u8] = match names.length % 3 {
        0 => b"",
        1 => b"==",
        _ => b"=",
    };
    let lines = body.chunks_exact(COLUMNS + 1);
    let odd_ends = lines.fold(0, |odd, line| odd | (line[COLUMNS] ^ b'\n'));
    if odd_ends != 0 || !body[..body.len() - 1].ends_with(padding) {
        return None;
    }
    let subject = names.subject;
    let last = if subject.len() < 4 { Head::default() } else { head(body, subject.end - 4)? };
    Some(Key::new(subject.len(), last))
}

/// What the first 24 characters of a body are the base64 of.
#[inline(always)]
fn first(body: &[u8]) -> Option<[u8; 18]> {
    let characters: &[u8; 24] = body.first_chunk()?;
    let mut first = [0; 18];
    let mut all = 0;
    for (bytes, characters) in first.chunks_exact_mut(3).zip(characters.chunks_exact(4)) {
        let value = three(characters.first_chunk()?);
        bytes.copy_from_slice(&value.to_be_bytes()[1..]);
        all |= value;
    }
    (all < NONE).then_some(first)
}

/// Four bytes of what a body in lines of 64 characters is the base64 of.
#[inline(always)]
pub(crate) fn head(body: &[u8], offset: usize) -> Option<Head> {
    const GROUPS: usize = COLUMNS / 4;
    let (group, skip) = (offset / 3, offset % 3);
    let at = group * 4 + group / GROUPS;
    let behind = if group % GROUPS == GROUPS - 1 { at + 5 } else { at + 4 };
    let high = three(body.get(at..at + 4)?.first_chunk()?);
    let low = three(body.get(behind..behind + 4)?.first_chunk()?);
    if high | low >= NONE {
        return None;
    }
    let six = u64::from(high) << 24 | u64::from(low);
    Some(((six >> (16 - 8 * skip)) as u32).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, Entry, Key, WINDOW, index_slice};
    use crate::read::der;
    use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ED25519};

    fn block(name: &str, key: &KeyPair) -> (String, Vec<u8>) {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.self_signed(key).unwrap();
        let subject = der::names_in(certificate.der()).unwrap().subject;
        (certificate.pem().replace('\r', ""), certificate.der()[subject].to_vec())
    }

    fn key() -> KeyPair {
        KeyPair::generate_for(&PKCS_ED25519).unwrap()
    }

    /// Names of all lengths, so that what is looked for stands in every column, and blocks lie
    /// across the ends of the window in every way.
    #[test]
    fn every_block_of_an_ordinary_bundle_is_found() {
        let key = key();
        let (mut bundle, mut expected) = (String::from("# a comment\n\n"), Vec::new());
        for length in 0..600 {
            let name: String = ('a'..='z').cycle().skip(length).take(length).collect();
            let (block, subject) = block(&name, &key);
            let entry = |start: usize, length: usize| Entry {
                key: Key::of(&subject),
                start: start as u32,
                length: length as u32,
            };
            expected.push(entry(bundle.len(), block.len()));
            bundle.push_str(&block);
            if length % 3 == 0 {
                bundle.push_str("Some CA\n=======\n");
            }
        }
        assert!(bundle.len() > 20 * WINDOW);
        assert_eq!(index_slice(bundle.as_bytes()), Some(expected));
    }

    #[test]
    fn a_last_line_end_may_be_missing() {
        let (block, subject) = block("a", &key());
        let length = block.len() as u32 - 1;
        let expected = Entry { key: Key::of(&subject), start: 0, length };
        assert_eq!(index_slice(block.trim_end().as_bytes()), Some(vec![expected]));
    }

    #[test]
    fn anything_else_is_for_the_careful_reader() {
        let (key, name) = (key(), "a");
        let ordinary = (1..).map(|length| block(&name.repeat(length), &key).0);
        let ordinary = ordinary.into_iter().find(|block| block.contains("=\n")).unwrap();
        let [begin, end] = [BEGIN, END].map(|text| std::str::from_utf8(text).unwrap());
        let body = &ordinary[begin.len()..ordinary.len() - end.len() - 1];
        assert_eq!(format!("{begin}{body}{end}\n"), ordinary);
        let (first, rest) = body.split_at(64);
        // A blank too many and a line end too few, or the other way round.
        let shifted = format!("{} {first}{}", &rest[1..2], &rest[2..]);
        let with_length = |length: usize| format!("{begin}{}{end}\n", &body[..length]);
        for (name, text) in [
            ("empty", String::new()),
            ("no blocks", "# nothing\n".to_owned()),
            ("BOM", format!("\u{feff}{ordinary}")),
            ("BOM before a comment", format!("\u{feff}# a comment\n{ordinary}")),
            ("CRLF", ordinary.replace('\n', "\r\n")),
            ("CR in a comment", format!("# one\r# two\n{ordinary}")),
            ("no line ends", format!("{begin}{}\n{end}\n", body.replace('\n', ""))),
            ("shifted", format!("{begin}{shifted}{end}\n")),
            ("blank line", ordinary.replacen('\n', "\n\n", 2)),
            ("cut off", with_length(body.len() - 65)),
            ("almost empty", with_length(65)),
            ("without a body", with_length(0)),
            ("without END", format!("{begin}{body}{ordinary}")),
            ("cut off in END", ordinary[..ordinary.len() - 5].to_owned()),
            ("cut off in the body", ordinary[..100].to_owned()),
            ("END without BEGIN", format!("{ordinary}{end}\n")),
            ("text behind END", format!("{begin}{body}{end} \n")),
            ("glued", format!("{begin}{body}{end}{ordinary}")),
            ("of another kind", ordinary.replace("CERTIFICATE", "X509 CERTIFICATE")),
            ("indented BEGIN", format!("{ordinary} {ordinary}")),
            ("small letters", format!("{}{ordinary}", ordinary.to_lowercase())),
            ("without padding", ordinary.replace("=\n", "\n")),
            ("a dash", ordinary.replacen('M', "-", 1)),
            ("no base64 in front", ordinary.replacen("\nMI", "\nM!", 1)),
            ("too long", block(&"x".repeat(WINDOW), &key).0),
        ] {
            assert_ne!(text, ordinary, "{name}");
            assert_eq!(index_slice(text.as_bytes()), None, "{name}");
        }
    }
}
