//! p11-kit's own files (trust/persist.c, `man trust`; seen in p11-kit 0.24.1): sections, each with
//! attributes and a certificate, which is in PEM or is itself an attribute. It may use `block`, `der`,
//! `trusted` and `resolve`.
//!
//! A certificate counts as its section says: `x-distrusted: true` rejects it, `trusted: true` makes it an
//! anchor. With neither, p11-kit goes by the folder that the file is in, which says nothing here: then it is
//! skipped. Extensions that are attached to a public
//! key say for what (Fedora's roots for email have one). Of `value` only the certificate is read.

use super::block::Block;
use super::der::{OCTETS, OID, SEQUENCE, element, elements, identity_in};
use super::trusted;
use crate::resolve::Peers;
use rustls::pki_types::CertificateDer;

/// A section, as far as it was read.
#[derive(Default)]
pub(super) struct Section {
    line: usize,
    /// How many blocks there were before it.
    before: usize,
    is_trusted: bool,
    is_distrusted: bool,
    is_extension: bool,
    value: Option<Vec<u8>>,
    /// What is in its block `PUBLIC KEY`.
    pub(super) key: Option<Vec<u8>>,
}

/// For what a public key is good, or bad.
pub(super) struct Attached {
    key: Vec<u8>,
    purposes: Vec<u8>,
    is_rejection: bool,
}

const HEADER: &[u8] = b"[p11-kit-object-";
const DISTRUSTED: &[u8] = b"x-distrusted";
/// id-ce-extKeyUsage, and the list of what is rejected, as p11-kit writes that of OpenSSL.
const EXTENDED_USAGE: &[u8] = b"\x55\x1d\x25";
const REJECT: &[u8] = b"\x2b\x06\x01\x04\x01\x99\x77\x06\x0a\x01";

/// Whether a line begins a section; without a header it does so where it rejects something.
pub(super) fn begins(line: &[u8], is_in_section: bool) -> bool {
    line.starts_with(HEADER) || !is_in_section && line.starts_with(DISTRUSTED)
}

/// Whether a line may be one of such a file.
pub(super) fn is_known(line: &[u8]) -> bool {
    begins(line, false)
}

impl Section {
    pub(super) fn new(line: usize, before: usize) -> Self {
        Self { line, before, ..Self::default() }
    }

    /// Reads what may be an attribute.
    pub(super) fn read(&mut self, line: &[u8]) {
        let Some(colon) = line.iter().position(|b| *b == b':') else { return };
        let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
        match name {
            b"trusted" => self.is_trusted = value == b"true",
            // Whatever else it says, it was meant to reject.
            DISTRUSTED => self.is_distrusted |= value != b"false",
            b"class" => self.is_extension = value == b"x-certificate-extension",
            b"value" => {
                let quoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
                self.value = quoted.map(decoded);
            }
            _ => {}
        }
    }

    /// Decides on the blocks that were in it, when all of it was read.
    pub(super) fn close(self, blocks: &mut Vec<Block>) -> Option<Attached> {
        if self.is_extension {
            return self.attached();
        }
        if let Some(value) = self.value.filter(|_| blocks.len() == self.before) {
            blocks.push(Block::new(self.line, Ok(value.into())));
        }
        if self.is_distrusted && blocks.len() == self.before {
            blocks.push(Block::new(self.line, Err(ONLY_NAMED.to_owned())));
        }
        for (n, block) in blocks[self.before..].iter_mut().enumerate() {
            if n > 0 {
                block.refuse("is one more certificate in a section of p11-kit, which has one");
            } else if self.is_distrusted {
                block.reject("is distrusted by the section of p11-kit that it is in");
            } else if !self.is_trusted {
                block.refuse("is in a section of p11-kit without trusted: true");
            }
        }
        None
    }

    fn attached(self) -> Option<Attached> {
        let (key, value) = (self.key?, self.value?);
        let key = element(&key)?.content_of(SEQUENCE)?.to_vec();
        let id = element(element(&value)?.content_of(SEQUENCE)?)?;
        let is_rejection = id.content_of(OID)? == REJECT;
        if !is_rejection && id.content != EXTENDED_USAGE {
            return None;
        }
        // Between them it may be said that it is critical.
        let purposes = elements(id.rest).flatten().find_map(|e| e.content_of(OCTETS))?;
        let purposes = element(purposes)?.content_of(SEQUENCE)?.to_vec();
        Some(Attached { key, purposes, is_rejection })
    }
}

impl Attached {
    /// Decides on the certificates of its key.
    pub(super) fn apply(&self, blocks: &mut [Block], peers: Peers) {
        let has_key = |der: &CertificateDer<'_>| {
            identity_in(der).is_some_and(|(_, key)| der[key] == self.key)
        };
        // What cannot be read is no reason to trust.
        let is_named = trusted::names(&self.purposes, peers).unwrap_or(self.is_rejection);
        for block in blocks.iter_mut().filter(|block| block.certificate().is_some_and(has_key)) {
            match (self.is_rejection, is_named) {
                (true, true) => block.reject("is rejected by an extension that p11-kit attaches"),
                (false, false) => block
                    .refuse("is trusted for something else, by an extension that p11-kit attaches"),
                _ => {}
            }
        }
    }
}

const ONLY_NAMED: &str = "distrusts a certificate of which it has only the issuer and serial number: that \
                          cannot be followed here, because certificates are known by their keys; put the \
                          certificate itself there, with x-distrusted: true";

/// What stands for some bytes, of which others than plain ones are written as `%30`.
fn decoded(mut text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    while let Some((first, rest)) = text.split_first() {
        let digits = rest.first_chunk::<2>().filter(|_| *first == b'%');
        let code = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let code = code.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(*first));
        text = if code.is_some() { &rest[2..] } else { rest };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use crate::read::block::Block;
    use crate::read::der::{self, encode};
    use crate::read::pem;
    use crate::resolve::Peers::{self, Clients, Servers};
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use rcgen::{CertificateParams, DnType, KeyPair};

    const HEAD: &str = "[p11-kit-object-v1]\n";

    fn certificate(name: &str) -> (Vec<u8>, String) {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        (certificate.der().to_vec(), certificate.pem().replace('\r', ""))
    }

    /// Of each claim the line, and `+` for an anchor, `-` for what is rejected, or why it is neither.
    fn account(text: &str, peers: Peers) -> Vec<(usize, String)> {
        let blocks = pem::blocks(text.as_bytes(), peers).certificates.into_iter();
        let what = |block: Block| match (block.result, block.rejected) {
            (Ok(_), None) => "+".to_owned(),
            (Err(_), Some(_)) => "-".to_owned(),
            (Err(why), None) => why,
            (Ok(_), Some(_)) => panic!("both"),
        };
        blocks.map(|block| (block.line, what(block))).collect()
    }

    #[track_caller]
    fn holds(text: &str, expected: &[(usize, &str)]) {
        let account = account(text, Servers);
        let is_it = |((line, what), (at, wanted)): (&(usize, String), &(usize, &str))| {
            line == at && (what == wanted || wanted.len() > 1 && what.contains(wanted))
        };
        let all = account.len() == expected.len() && account.iter().zip(expected).all(is_it);
        assert!(all, "{text}\n{account:#?}");
    }

    fn percent(der: &[u8]) -> String {
        der.iter().map(|byte| format!("%{byte:02x}")).collect()
    }

    #[test]
    fn a_section_says_what_its_certificate_is() {
        let (der, pem) = certificate("a");
        let other = certificate("b").1;
        for (attributes, expected) in [
            ("trusted: true\n", "+"),
            ("label: \"a\"\ntrusted:true\nx-distrusted: false\n", "+"),
            ("x-distrusted: true\n", "-"),
            ("x-distrusted: true\ntrusted: true\n", "-"),
            ("  x-distrusted :\ttrue \n", "-"),
            ("x-distrusted: yes\n", "-"),
            ("# x-distrusted: true\ntrusted: true\n", "+"),
            ("class: certificate\ntrusted: false\n", "without trusted"),
            ("trusted: \"true\"\n", "without trusted"),
            ("", "without trusted"),
        ] {
            let lines = attributes.lines().count();
            holds(&format!("{HEAD}{attributes}{pem}"), &[(lines + 2, expected)]);
            // Also behind its certificate, or without PEM, or with other line ends.
            holds(&format!("{HEAD}{pem}{attributes}"), &[(2, expected)]);
            let value = format!("value: \"{}\"\n", percent(&der));
            holds(&format!("{HEAD}{attributes}{value}"), &[(1, expected)]);
            let crlf = format!("{HEAD}{attributes}{pem}").replace('\n', "\r\n");
            holds(&crlf, &[(lines + 2, expected)]);
        }
        let before = pem.lines().count();
        // What stands before the first section is not in one.
        holds(&format!("{pem}{HEAD}x-distrusted: true\n{other}"), &[(1, "+"), (before + 3, "-")]);
        holds(
            &format!("{HEAD}trusted: true\n{pem}{other}"),
            &[(3, "+"), (before + 3, "one more certificate")],
        );
        holds(&format!("x-distrusted: true\n{pem}"), &[(2, "-")]);
        holds(
            &format!("{HEAD}trusted: true\n{}\n{HEAD}x-distrusted: true\n{other}", &pem[..27]),
            &[(3, "has no END before the section of line"), (6, "-")],
        );
        holds(
            &format!(
                "{HEAD}class: certificate\nissuer: \"%30\"\nserial-number: \"%02\"\nx-distrusted: true\n"
            ),
            &[(1, "only the issuer and serial number")],
        );
        holds(
            &format!("{HEAD}class: data\nvalue: \"no certificate\"\n"),
            &[(1, "without trusted")],
        );
    }

    #[test]
    fn an_extension_that_is_attached_says_for_what() {
        let (der, pem) = certificate("a");
        let names = der::names_in(&der).unwrap();
        let key = der::element(&der[names.subject.end..]).unwrap();
        let key = encode(der::SEQUENCE, key.content);
        let stranger = encode(der::SEQUENCE, b"another key");
        let public = |key: &[u8]| {
            let body = BASE64_STANDARD.encode(key);
            format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
        };
        let extension = |id: &[u8], purposes: &[&[u8]]| {
            let purposes: Vec<_> = purposes.iter().map(|id| encode(der::OID, id)).collect();
            let value = encode(der::OCTETS, &encode(der::SEQUENCE, &purposes.concat()));
            let id = encode(der::OID, id);
            let critical = encode(der::BOOLEAN, &[0xff]);
            percent(&encode(der::SEQUENCE, &[id, critical, value].concat()))
        };
        let [server, client, email] =
            [1, 2, 4].map(|last| [b"\x2b\x06\x01\x05\x05\x07\x03".as_slice(), &[last]].concat());
        let (usage, reject) = (super::EXTENDED_USAGE, super::REJECT);
        for (id, purposes, key, expected) in [
            (usage, vec![&*server, &email], &key, ["+", "something else"]),
            (usage, vec![&*email], &key, ["something else"; 2]),
            (usage, vec![&*email], &stranger, ["+"; 2]),
            (usage, vec![], &key, ["something else"; 2]),
            (reject, vec![&*server], &key, ["-", "+"]),
            (reject, vec![&*client], &key, ["+", "-"]),
            (reject, vec![&*server], &stranger, ["+"; 2]),
            (b"\x55\x1d\x0f", vec![&*email], &key, ["+"; 2]),
        ] {
            let attached = format!(
                "{HEAD}class: x-certificate-extension\nvalue: \"{}\"\n{}",
                extension(id, &purposes),
                public(key)
            );
            let trusted = format!("{HEAD}trusted: true\n{pem}");
            for text in [format!("{trusted}{attached}"), format!("{attached}{trusted}")] {
                for (peers, expected) in [Servers, Clients].into_iter().zip(expected) {
                    let account = account(&text, peers);
                    assert!(account.len() == 1 && account[0].1.contains(expected), "{account:?}");
                }
            }
            // What is trusted for nothing there may be rejected all the same.
            let text = format!("{HEAD}{pem}{attached}");
            for (peers, expected) in [Servers, Clients].into_iter().zip(expected) {
                let is_rejected = account(&text, peers)[0].1 == "-";
                assert_eq!(is_rejected, expected == "-");
            }
        }
    }
}
