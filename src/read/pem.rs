//! Finds the certificates in a PEM file (RFC 7468, read leniently), and accounts for every block
//! that claims to be one. It may use the PEM decoder of rustls-pki-types, `base64`, `block`, `der`,
//! `p11_kit`, `trusted` and `resolve`.
//!
//! A BEGIN counts where it stands alone on its line, but for blanks, or right behind an END. CR, LF
//! and CRLF end a line. What stands between the blocks is a comment, but for a certificate in DER, which
//! Debian 12's update-ca-certificates copies there (ca-certificates 20230311): nobody reads that.

#[cfg(test)]
mod tests;

use super::block::Block;
use super::p11_kit::{self, Attached, Section};
use super::{base64, der, trusted};
use crate::resolve::Peers;
use memchr::{memchr, memchr2};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// What a file's blocks came to.
pub(crate) struct Blocks {
    /// Whom they are to verify.
    peers: Peers,
    /// Those that claim to be certificates, in the file's order.
    pub(crate) certificates: Vec<Block>,
    /// The label of the first block of another kind, such as `PRIVATE KEY`.
    pub(crate) other: Option<String>,
    /// The section of a file of p11-kit.
    section: Option<Section>,
    attached: Vec<Attached>,
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// How long the lines of a block are in ordinary form.
pub(crate) const COLUMNS: usize = 64;

/// A block whose END has not been seen yet.
struct Open<'a> {
    label: String,
    line: usize,
    /// All that is behind its BEGIN.
    rest: &'a [u8],
    damage: Option<String>,
}

/// A line.
struct Line<'a> {
    /// From 1.
    number: usize,
    /// Without the blanks around it.
    text: &'a [u8],
    /// The line as it stands, and all that is behind it.
    rest: &'a [u8],
    /// What is behind it.
    next: &'a [u8],
}

/// A line that begins with an END.
struct End<'a> {
    label: &'a str,
    /// Whether there are dashes behind the label.
    is_closed: bool,
    line: usize,
    /// The line, and all that is behind it.
    rest: &'a [u8],
}

/// Goes through a file line by line.
pub(crate) fn blocks(bytes: &[u8], peers: Peers) -> Blocks {
    let mut blocks = Blocks {
        peers,
        certificates: Vec::new(),
        other: None,
        section: None,
        attached: Vec::new(),
    };
    // As nearly every file of a directory is.
    if let Some(certificate) = strict(bytes) {
        blocks.certificates.push(Block::new(1, Ok(certificate)));
        return blocks;
    }
    let mut open: Option<Open<'_>> = None;
    // What is left behind the last of them.
    let (mut in_der, mut behind) = (Vec::new(), usize::MAX);
    for Line { number, mut text, rest, next } in
        lines(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
    {
        if let Some(after) = text.strip_prefix(END) {
            let closed = split_once(after, DASHES);
            let (label, after) = closed.unwrap_or((after, b""));
            let end = End { label: &lossy(label), is_closed: closed.is_some(), line: number, rest };
            blocks.end(open.take(), &end);
            text = after.trim_ascii_start();
        }
        if p11_kit::begins(text, blocks.section.is_some()) {
            blocks.unfinished(open.take(), &format!("the section of line {number}"));
            blocks.end_section();
            blocks.section = Some(Section::new(number, blocks.certificates.len()));
        }
        if let Some((label, damage)) = begin(text) {
            blocks.unfinished(open.take(), &format!("the BEGIN of line {number}"));
            open = Some(Open { label, line: number, rest: next, damage });
        } else if let (None, Some(section)) = (&open, &mut blocks.section) {
            section.read(text);
        } else if open.is_none() && begins_der(text) {
            let mut rest = &rest[text.as_ptr() as usize - rest.as_ptr() as usize..];
            while rest.len() <= behind && begins_der(rest) {
                let Some(names) = der::names_in(rest) else { break };
                in_der.push(Block::new(number, Err(IN_DER.to_owned())));
                rest = &rest[names.length..];
                behind = rest.len();
            }
        }
    }
    blocks.unfinished(open, "the end of the file");
    blocks.end_section();
    for attached in &blocks.attached {
        attached.apply(&mut blocks.certificates, peers);
    }
    // A file that is all DER is another kind of file.
    if !blocks.certificates.is_empty() && !in_der.is_empty() {
        blocks.certificates.append(&mut in_der);
        blocks.certificates.sort_by_key(|block| block.line);
    }
    blocks
}

const IN_DER: &str = "is in DER, which is not read among blocks of PEM; convert the file that it came from \
                      with `openssl x509 -inform DER -in FILE`, and make this one again";

/// What two files come to of which the first has no line end.
const BEHIND_DER: &str = "has its BEGIN behind bytes that are no text, as of a certificate in DER; convert the \
                          file that these came from with `openssl x509 -inform DER -in FILE`, and make this \
                          one again";

/// Whether a line begins as a certificate in DER does, and no text in UTF-8.
fn begins_der(text: &[u8]) -> bool {
    matches!(text, [der::SEQUENCE, 0x81 | 0x82, ..])
}

impl Blocks {
    fn end_section(&mut self) {
        if let Some(section) = self.section.take() {
            self.attached.extend(section.close(&mut self.certificates));
        }
    }

    fn end(&mut self, open: Option<Open<'_>>, end: &End<'_>) {
        let End { label, is_closed, line, rest } = *end;
        match open {
            Some(open) if open.damage.is_some() || is_closed && open.label == label => {
                let body = &open.rest[..open.rest.len() - rest.len()];
                self.finish(open, body);
            }
            Some(open) => {
                let (label, begun) = (shortened(label), shortened(&open.label));
                let instead = if is_closed {
                    format!(", not {begun:?}")
                } else {
                    " and no dashes".to_owned()
                };
                self.skip(&open, format!("ends on line {line} with END {label:?}{instead}"));
            }
            None if names_certificates(label) => {
                let why = Err("is an END without a BEGIN before it".to_owned());
                self.certificates.push(Block::new(line, why));
            }
            None => {}
        }
    }

    fn finish(&mut self, open: Open<'_>, body: &[u8]) {
        let mut rejected = None;
        let result = match (&open.damage, open.label.as_str(), &mut self.section) {
            (Some(damage), ..) => Err(damage.clone()),
            (None, "CERTIFICATE" | "X509 CERTIFICATE", _) => decode(body),
            (None, "TRUSTED CERTIFICATE", _) => decode(body).and_then(|der| {
                trusted::certificate(&der, self.peers).map_err(|untrusted| {
                    rejected = untrusted.rejected;
                    untrusted.reason
                })
            }),
            (None, "PUBLIC KEY", Some(section)) => {
                section.key = decode(body).ok().map(|key| key.to_vec());
                return;
            }
            (None, label, _) if names_certificates(label) => Err(format!(
                "is a block of {:?}, which is not read; convert it to -----BEGIN CERTIFICATE-----",
                shortened(label)
            )),
            (None, ..) => return self.note_other(open.label),
        };
        let mut block = Block::new(open.line, result);
        block.rejected = rejected;
        self.certificates.push(block);
    }

    fn unfinished(&mut self, open: Option<Open<'_>>, before: &str) {
        if let Some(open) = open {
            let why = open.damage.clone().unwrap_or_else(|| format!("has no END before {before}"));
            self.skip(&open, why);
        }
    }

    fn skip(&mut self, open: &Open<'_>, why: String) {
        if names_certificates(&open.label) {
            self.certificates.push(Block::new(open.line, Err(why)));
        } else {
            self.note_other(open.label.clone());
        }
    }

    fn note_other(&mut self, label: String) {
        self.other.get_or_insert(label);
    }
}

/// Whether a label, or a line, speaks of certificates, however it is written. Requests for them are
/// something else.
fn names_certificates(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    let named = ["CERTIFICATE", "PKCS7", "PKCS #7", "CMS"].iter().any(|name| text.contains(name));
    named && !text.contains("REQUEST")
}

/// Whether a line that stands outside of any block is sure to mean nothing.
pub(crate) fn is_comment(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    !line.starts_with(END) && begin(line).is_none() && !begins_der(line) && !p11_kit::is_known(line)
}

/// Whether a line begins a block: its label, and what is wrong with the line.
///
/// A line that means to begin certificates and does it wrongly (dashes missing, too many or of
/// another kind, text around it, small letters) is reported, and never read: where it is not plain
/// what somebody meant, nothing is trusted.
fn begin(line: &[u8]) -> Option<(String, Option<String>)> {
    // Most lines are base64, which has no dash; what has none has to start with BEGIN.
    let first = line.iter().find(|b| b.is_ascii_alphanumeric());
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || b"+/=".contains(b);
    if memchr(b'-', line).is_none()
        && (!matches!(first, Some(b'B' | b'b')) || line.iter().all(is_base64))
    {
        return None;
    }
    let plain = line
        .strip_prefix(BEGIN)
        .and_then(|rest| rest.strip_suffix(DASHES))
        .filter(|label| !label.ends_with(b" ") && !label.contains(&b'-'));
    if let Some(label) = plain {
        return Some((lossy(label), None));
    }
    let text = lossy(line);
    let upper = text.to_ascii_uppercase();
    let at_start = upper.trim_start_matches(|c: char| !c.is_alphanumeric()).starts_with("BEGIN");
    let behind_dashes = upper.contains("-BEGIN") || upper.contains("- BEGIN");
    ((at_start || behind_dashes) && names_certificates(&text)).then(|| {
        let is_text = std::str::from_utf8(line).is_ok() || !line.iter().any(u8::is_ascii_control);
        let why = if is_text && !begins_der(line) {
            let text = shortened(&text);
            format!("begins with {text:?}, not with a plain -----BEGIN CERTIFICATE-----")
        } else {
            BEHIND_DER.to_owned()
        };
        ("CERTIFICATE".to_owned(), Some(why))
    })
}

/// Enough of a text for a message.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// The certificate of a block in ordinary form, with or without its last line end; `None` where it is
/// not in that form.
pub(crate) fn ordinary(block: &[u8]) -> Option<Result<CertificateDer<'static>, String>> {
    strict(block).map(Ok).or_else(|| ordinary_body(block).map(decode))
}

/// The same, if there is nothing but base64 in lines of 64 characters in it.
pub(crate) fn strict(block: &[u8]) -> Option<CertificateDer<'static>> {
    let body = ordinary_body(block)?.strip_suffix(b"\n")?;
    base64::decode(body, COLUMNS).map(CertificateDer::from)
}

/// What is between BEGIN and END of such a block.
pub(crate) fn ordinary_body(block: &[u8]) -> Option<&[u8]> {
    let block = block.strip_suffix(b"\n").unwrap_or(block);
    let body = block.strip_prefix(b"-----BEGIN CERTIFICATE-----\n")?;
    body.strip_suffix(b"-----END CERTIFICATE-----")
}

/// Decodes what is between BEGIN and END.
fn decode(body: &[u8]) -> Result<CertificateDer<'static>, String> {
    let mut text = Vec::with_capacity(body.len());
    lines(body).for_each(|line| text.extend_from_slice(line.text));
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    // What this refuses may still be good enough for the decoder that rustls has: that one takes
    // blanks, missing padding and stray bits at the end, and three times as long.
    if let Some(der) = base64::decode(&text, text.len()) {
        return Ok(der.into());
    }
    let block = [b"-----BEGIN CERTIFICATE-----\n", body, b"\n-----END CERTIFICATE-----\n"].concat();
    CertificateDer::from_pem_slice(&block).map_err(|_| "is not base64".to_owned())
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut rest = bytes;
    (1..).map_while(move |number| {
        if rest.is_empty() {
            return None;
        }
        let end = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let ending = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
        let next = rest.get(end + ending..).unwrap_or_default();
        let line = Line { number, text: rest[..end].trim_ascii(), rest, next };
        rest = next;
        Some(line)
    })
}

fn split_once<'a>(text: &'a [u8], by: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(by.len()).position(|window| window == by)?;
    Some((&text[..at], &text[at + by.len()..]))
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}
