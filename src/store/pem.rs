//! Finds the certificates in a PEM file (RFC 7468, read leniently), and accounts for every block
//! that claims to be one. It may use the PEM decoder of rustls-pki-types.
//!
//! A BEGIN counts where it stands alone on its line, but for blanks, or right behind an END. CR, LF
//! and CRLF end a line. What stands between the blocks is a comment.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// What one block came to.
pub(super) struct Block {
    /// The line of its BEGIN, from 1.
    pub(super) line: usize,
    /// The certificate, not parsed yet, or why there is none.
    pub(super) result: Result<CertificateDer<'static>, String>,
}

/// What a file's blocks came to.
#[derive(Default)]
pub(super) struct Blocks {
    /// Those that claim to be certificates, in the file's order.
    pub(super) certificates: Vec<Block>,
    /// The label of the first block of another kind, such as `PRIVATE KEY`.
    pub(super) other: Option<String>,
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// A block whose END has not been seen yet.
struct Open {
    label: String,
    line: usize,
    body: Vec<u8>,
    damage: Option<String>,
}

/// Goes through a file line by line.
pub(super) fn blocks(bytes: &[u8]) -> Blocks {
    let mut blocks = Blocks::default();
    let mut open: Option<Open> = None;
    for (number, mut text) in lines(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)) {
        if let Some(after) = text.strip_prefix(END) {
            let closed = split_once(after, DASHES);
            let (label, after) = closed.unwrap_or((after, b""));
            blocks.end(open.take(), &lossy(label), closed.is_some(), number);
            text = after.trim_ascii_start();
            if begin(text).is_none() {
                continue;
            }
        }
        if let Some((label, damage)) = begin(text) {
            blocks.unfinished(open.take(), &format!("the BEGIN of line {number}"));
            open = Some(Open { label, line: number, body: Vec::new(), damage });
        } else if let Some(open) = &mut open {
            open.body.extend_from_slice(text);
            open.body.push(b'\n');
        }
    }
    blocks.unfinished(open, "the end of the file");
    blocks
}

impl Blocks {
    fn end(&mut self, open: Option<Open>, label: &str, closed: bool, line: usize) {
        match open {
            Some(open) if open.damage.is_some() || closed && open.label == label => {
                self.finish(open);
            }
            Some(open) => {
                let (label, begun) = (shortened(label), shortened(&open.label));
                let instead =
                    if closed { format!(", not {begun:?}") } else { " and no dashes".to_owned() };
                self.skip(&open, format!("ends on line {line} with END {label:?}{instead}"));
            }
            None if names_certificates(label) => {
                let why = Err("is an END without a BEGIN before it".to_owned());
                self.certificates.push(Block { line, result: why });
            }
            None => {}
        }
    }

    fn finish(&mut self, open: Open) {
        let result = match (&open.damage, open.label.as_str()) {
            (Some(damage), _) => Err(damage.clone()),
            (None, "CERTIFICATE" | "X509 CERTIFICATE") => decode(&open.body),
            (None, "TRUSTED CERTIFICATE") => {
                Err("is in OpenSSL's TRUSTED CERTIFICATE format, whose \
                trust settings are not understood here; convert it with `openssl x509`"
                    .to_owned())
            }
            (None, label) if names_certificates(label) => Err(format!(
                "is a block of {:?}, which is not read; convert it to -----BEGIN CERTIFICATE-----",
                shortened(label)
            )),
            (None, _) => return self.note_other(open.label),
        };
        self.certificates.push(Block { line: open.line, result });
    }

    fn unfinished(&mut self, open: Option<Open>, before: &str) {
        if let Some(open) = open {
            let why = open.damage.clone().unwrap_or_else(|| format!("has no END before {before}"));
            self.skip(&open, why);
        }
    }

    fn skip(&mut self, open: &Open, why: String) {
        if names_certificates(&open.label) {
            self.certificates.push(Block { line: open.line, result: Err(why) });
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

/// Whether a line begins a block: its label, and what is wrong with the line.
///
/// A line that means to begin certificates and does it wrongly (dashes missing, too many or of
/// another kind, text around it, small letters) is reported, and never read: where it is not plain
/// what somebody meant, nothing is trusted.
fn begin(line: &[u8]) -> Option<(String, Option<String>)> {
    // What this is, base64 never is; most lines are base64.
    if line.len() < 8 || line.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)) {
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
        let why = format!(
            "begins with {:?}, not with a plain -----BEGIN CERTIFICATE-----",
            shortened(&text)
        );
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

/// Hands a block to the decoder, which takes blanks, long lines and missing padding.
fn decode(body: &[u8]) -> Result<CertificateDer<'static>, String> {
    if body.trim_ascii().is_empty() {
        return Err("is empty".to_owned());
    }
    let block = [b"-----BEGIN CERTIFICATE-----\n", body, b"-----END CERTIFICATE-----\n"].concat();
    CertificateDer::from_pem_slice(&block).map_err(|_| "is not base64".to_owned())
}

/// The lines with their numbers, without the blanks around them.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut rest = bytes;
    let mut number = 0;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        number += 1;
        let end = rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len());
        let line = rest[..end].trim_ascii();
        let ending = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
        rest = rest.get(end + ending..).unwrap_or_default();
        Some((number, line))
    })
}

fn split_once<'a>(text: &'a [u8], by: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(by.len()).position(|window| window == by)?;
    Some((&text[..at], &text[at + by.len()..]))
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}
