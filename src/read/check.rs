//! What has to hold for whatever bytes a file has: held against the unit tests' inputs and the fuzz
//! target's. It may use `block`, `pem`, `der`, `extensions`, `index`, `seek`, `usable`, `file`, `resolve`, and
//! rustls-pki-types as the reader to compare with.
//!
//! The two readers differ on purpose. rustls-pki-types finds a certificate, and we skip it with a reason:
//! - The dashes behind its label have blanks between them (`-----BEGIN CERTIFICATE- ----`): where it is
//!   not plain what somebody meant, nothing is trusted.
//! - It is in a section of a file of p11-kit, which does not trust it.
//! - A block before it has no END. rustls-pki-types keeps the base64 of that one and puts the next
//!   behind it; it reads the halves of a certificate as one where a second BEGIN stands between them.
//!
//! We find a certificate, and rustls-pki-types does not, because OpenSSL or GnuTLS does, and it is plain
//! what was meant:
//! - The file begins with a byte order mark.
//! - There are blanks before BEGIN or END, or blanks other than spaces behind BEGIN.
//! - BEGIN stands on the line of the END before it, which rustls-pki-types takes for text.
//! - The label is `X509 CERTIFICATE`, or `TRUSTED CERTIFICATE` with settings behind the certificate
//!   that allow what it is wanted for.
//! - A block before it has no END, or another END, so that its base64 is in the way of the next.

pub(crate) mod marks;
mod mutate;
pub(crate) mod name;
#[cfg(test)]
mod tests;

pub(crate) use mutate::mutate;

use super::block::Block;
use super::usable::{self, Usable};
use super::{der, extensions, index, pem, seek};
use crate::file;
use crate::resolve::Peers;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{PemObject, SectionKind};

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const TRUSTED: &[u8] = b"-----BEGIN TRUSTED CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";
const SECTION: &[u8] = b"[p11-kit-object-";

/// Panics where something does not hold.
pub(crate) fn check(bytes: &[u8]) {
    let lines = lines(bytes);
    let account = pem::blocks(bytes, Peers::Servers).certificates;
    every_claim_is_accounted_for(&lines, &account);
    nothing_that_others_find_is_lost(bytes, &lines, &account);
    nothing_is_found_that_is_not_there(bytes, &lines, &account);
    the_index_finds_the_same(bytes, &lines, &account);
    the_quick_way_comes_to_the_same(bytes, &account);
    what_is_found_quickly_is_there(bytes, &account);
}

/// Each line that is a plain BEGIN has one entry; one that stands behind an END has one beside what
/// the END may have. This asks nobody else.
fn every_claim_is_accounted_for(lines: &[Line], account: &[Block]) {
    for line in lines.iter().filter(|line| line.text.trim_ascii() == BEGIN) {
        let entries = account.iter().filter(|block| block.line == line.number).count();
        assert_eq!(entries, 1, "line {} has {entries} entries", line.number);
    }
    for line in lines.iter().filter(|line| is_glued(line.text.trim_ascii())) {
        let begun = account.iter().rfind(|block| block.line == line.number);
        let why = begun.map(|block| block.result.as_ref().err());
        let end = why.flatten().is_some_and(|why| why.contains("END without a BEGIN"));
        assert!(begun.is_some() && !end, "line {} has no entry", line.number);
    }
    assert!(account.is_sorted_by_key(|block| block.line), "out of order");
}

/// Whether a plain BEGIN stands behind an END.
fn is_glued(text: &[u8]) -> bool {
    let end = text.strip_suffix(BEGIN).and_then(|text| text.strip_prefix(b"-----END "));
    let label = end.and_then(|end| end.trim_ascii_end().strip_suffix(b"-----"));
    label.is_some_and(|label| !label.contains(&b'-'))
}

/// Each certificate that rustls-pki-types finds, and webpki can read, is loaded or skipped; and
/// skipped for one of the reasons above.
fn nothing_that_others_find_is_lost(bytes: &[u8], lines: &[Line], account: &[Block]) {
    let mut peer = <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes);
    loop {
        let start = bytes.len() - peer.remainder().len();
        let Some(item) = peer.next() else {
            return;
        };
        let read = start..bytes.len() - peer.remainder().len();
        let Some(found) = certificate(item) else {
            continue;
        };
        let begins = lines
            .iter()
            .filter(|line| read.contains(&line.start) && line.text.starts_with(b"-----BEGIN "));
        let begins: Vec<_> = begins.collect();
        let begin = begins.last().expect("a block has a BEGIN");
        let block = account.iter().rfind(|block| block.line == begin.number);
        match &block.expect("a certificate is lost").result {
            Ok(ours) if *ours == found => {}
            // It is skipped here, or where it turns out not to be a certificate.
            Ok(ours) if is_certificate(ours) => panic!("line {} is another", begin.number),
            Err(why) if why.contains("p11-kit") => {}
            _ => {
                let plain = begin.text.trim_ascii_end() == BEGIN;
                assert!(!plain || begins.len() > 1, "line {} is skipped", begin.number);
            }
        }
    }
}

/// Each certificate that is loaded is one for rustls-pki-types as well, which is given its lines and no
/// others; as they are if they are plain, or without what is known to be odd about them.
fn nothing_is_found_that_is_not_there(bytes: &[u8], lines: &[Line], account: &[Block]) {
    for block in account {
        let Ok(ours) = &block.result else {
            continue;
        };
        let begin = &lines[block.line - 1];
        // It is an attribute.
        if begin.text.windows(SECTION.len()).any(|window| window == SECTION) {
            continue;
        }
        let body = &lines[block.line..];
        let is_end = |line: &Line| line.text.trim_ascii_start().starts_with(b"-----END ");
        let length = body.iter().position(is_end).expect("a block has an END");
        let end = &body[length];
        let plain =
            begin.text.strip_prefix(BEGIN).is_some_and(|rest| rest.iter().all(|b| *b == b' '))
                && end.text.starts_with(END);
        let text = if plain {
            bytes[begin.start..].to_vec()
        } else {
            assert!(is_known(begin, end), "line {} is read", begin.number);
            let body = body[..length].iter().map(|line| line.text.trim_ascii());
            let body: Vec<_> = [BEGIN].into_iter().chain(body).chain([END]).collect();
            body.join(&b"\n"[..])
        };
        let theirs = <(SectionKind, Vec<u8>)>::pem_slice_iter(&text).next();
        let mut theirs = theirs.and_then(Result::ok).map(|(_, der)| der).unwrap_or_default();
        if begin.text.windows(TRUSTED.len()).any(|window| window == TRUSTED) {
            theirs.truncate(ours.len());
        }
        assert_eq!(theirs, **ours, "line {}", begin.number);
    }
}

/// Whether a block's first and last line are odd in a way that is known.
fn is_known(begin: &Line, end: &Line) -> bool {
    let text = begin.text;
    let text = text.strip_prefix(b"\xef\xbb\xbf").filter(|_| begin.start == 0).unwrap_or(text);
    let mut text = text.trim_ascii();
    if text.starts_with(b"-----END ") {
        let at = text.windows(11).rposition(|window| window == b"-----BEGIN ");
        text = &text[at.unwrap_or_default()..];
    }
    let end = end.text.trim_ascii_start();
    text == BEGIN && end.starts_with(END)
        || text == b"-----BEGIN X509 CERTIFICATE-----"
            && end.starts_with(b"-----END X509 CERTIFICATE-----")
        || text == TRUSTED && end.starts_with(b"-----END TRUSTED CERTIFICATE-----")
}

/// Where the index takes a file, its blocks are those in which the careful reader finds certificates,
/// with the same subjects. What it has to skip may be in more places: a line that begins like BEGIN,
/// without dashes, damages the block that it stands in.
fn the_index_finds_the_same(bytes: &[u8], lines: &[Line], account: &[Block]) {
    let Some(index) = index::index_slice(bytes) else { return };
    assert!(account.iter().all(|block| block.rejected.is_none()), "something is rejected");
    let mut index = index.into_iter().peekable();
    for careful in account {
        let start = lines[careful.line - 1].start;
        let usable = careful.result.as_ref().ok().filter(|der| is_certificate(der));
        let Some(entry) = index.next_if(|entry| entry.start as usize == start) else {
            assert_eq!(usable, None, "line {} is not in the index", careful.line);
            continue;
        };
        let block = &bytes[start..start + entry.length as usize];
        let asked_for = pem::ordinary(block).expect("it is in ordinary form").ok();
        let asked_for = asked_for.filter(is_certificate);
        assert_eq!(asked_for.as_ref(), usable, "line {}", careful.line);
        if let Some(der) = usable {
            let names = der::names_in(der).expect("the index has found them");
            assert_eq!(entry.key, index::Key::of(&der[names.subject]), "line {}", careful.line);
        }
    }
    assert_eq!(index.next(), None, "there is no such block");
}

/// Where all blocks are taken the quick way, they are those of the careful reader; and what is taken
/// without asking webpki, it takes.
fn the_quick_way_comes_to_the_same(bytes: &[u8], account: &[Block]) {
    if let Some(quick) = index::blocks(bytes) {
        let what = |block: &Block| (block.line, block.result.clone());
        assert!(quick.iter().map(what).eq(account.iter().map(what)), "other blocks");
    }
    for der in account.iter().flat_map(|block| &block.result) {
        let usable = usable::check(der);
        assert_eq!(usable.is_ok(), is_certificate(der), "{der:x?}");
        if let Ok(usable) = usable {
            assert_eq!(usable == Usable::NotCa, extensions::says_no_ca(der), "{der:x?}");
        }
    }
}

/// What is taken without looking at everything is what the careful reader finds, and has a name that was
/// asked for; then it has found nothing that is rejected.
fn what_is_found_quickly_is_there(bytes: &[u8], account: &[Block]) {
    let certificates: Vec<_> = account.iter().filter_map(|b| b.result.as_ref().ok()).collect();
    let read = |place, room: &mut [u8]| Ok(file::slice_some(bytes, place, room));
    for der in &certificates {
        let Some(names) = der::names_in(der) else { continue };
        let name = &der[names.subject];
        let found = seek::seek(&[name], bytes.len() as u64, read).expect("nothing can go wrong");
        for found in found.into_iter().chain(seek::seek_slice(&[name], bytes)) {
            assert!(certificates.contains(&&found), "it is not there");
            // Only in what was damaged can there be more than that.
            let is_damaged = |block: &Block| block.result.is_err() && block.rejected.is_none();
            let rejects = account.iter().any(|block| block.rejected.is_some());
            assert!(!rejects || account.iter().any(is_damaged), "something is rejected");
            assert!(is_certificate(&found), "it cannot be used");
            let subject = der::names_in(&found).expect("it was found by its name").subject;
            assert_eq!(&found[subject], name);
        }
    }
}

/// What webpki takes for a certificate.
fn certificate<E>(item: Result<(SectionKind, Vec<u8>), E>) -> Option<CertificateDer<'static>> {
    let (SectionKind::Certificate, der) = item.ok()? else {
        return None;
    };
    let certificate = CertificateDer::from(der);
    is_certificate(&certificate).then_some(certificate)
}

fn is_certificate(der: &CertificateDer<'static>) -> bool {
    RootCertStore::empty().add(der.clone()).is_ok()
}

struct Line<'a> {
    number: usize,
    start: usize,
    text: &'a [u8],
}

/// Not those of `pem`, which are to be checked as well. LF, CR and both together end a line.
fn lines(bytes: &[u8]) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' && at > 0 && bytes[at - 1] == b'\r' {
            start = at + 1;
        } else if matches!(byte, b'\n' | b'\r') {
            lines.push(Line { number: lines.len() + 1, start, text: &bytes[start..at] });
            start = at + 1;
        }
    }
    lines.push(Line { number: lines.len() + 1, start, text: &bytes[start..] });
    lines
}
