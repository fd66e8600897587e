//! Goes through the bytes of a file once, for all that is looked for in it. It may use `search`,
//! `roots`, `pem`, `paths`, `parts` and `crates`.

use super::crates::{self, Crates};
use super::parts::{self, Parts};
use super::paths::Paths;
use super::pem;
use super::roots::{Anchor, Found};
use super::search::Search;
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::ops::Range;

/// How much is gone through at a time where not all of it is in memory, 1 MiB.
const PART: usize = 1 << 20;
/// How much of what is before and after has to be there, 256 KiB: a certificate as text, with the signs that a
/// source has between its lines.
const MARGIN: usize = 256 << 10;

/// What a string that is searched for stands for; the numbers are places in the lists.
#[derive(Clone, Copy)]
enum Meaning {
    Key(usize),
    Path(usize),
    Part(usize),
    Pem,
    OpenSsl,
    Crate(usize),
}

/// What OpenSSL and LibreSSL call the way in which they look into a directory, in the part of them that
/// adds their default paths: its end and its beginning, so that this command does not look as if it had
/// them in it. (Their version would be no sign: a program in C that has them may lack it.)
const OPENSSL: [&str; 2] = [" in a directory\0", "Load certs from files"];

pub(crate) struct Scanner {
    anchors: Option<Vec<Anchor>>,
    paths: Paths,
    parts: Parts,
    search: Search,
    meanings: Vec<Meaning>,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Scan {
    pub(crate) roots: Found,
    /// The bundle paths that are named, sorted, with those that a list in parts makes.
    pub(crate) paths: Vec<String>,
    /// Whose list in parts there is.
    pub(crate) guesses: Option<&'static str>,
    pub(crate) contains_openssl: bool,
    /// Those whose source files are named.
    pub(crate) crates: Crates,
}

impl Scanner {
    /// Without a store only PEM and paths are looked for.
    pub(crate) fn new(anchors: Option<Vec<Anchor>>) -> Self {
        let (paths, parts) = (Paths::new(), Parts::new());
        let keys = anchors.iter().flatten().enumerate();
        let keys = keys.map(|(number, anchor)| (anchor.key.clone(), Meaning::Key(number)));
        let names = paths.known.iter().enumerate();
        let names = names.map(|(number, path)| (path.clone().into_bytes(), Meaning::Path(number)));
        let pem = pem::BEGINS.map(|begin| (begin.as_bytes().to_vec(), Meaning::Pem));
        let listed = parts.strings.iter().enumerate();
        let listed =
            listed.map(|(number, part)| (part.clone().into_bytes(), Meaning::Part(number)));
        let [end, begin] = OPENSSL;
        let openssl = [([begin, end].concat().into_bytes(), Meaning::OpenSsl)];
        let crates = crates::strings().enumerate();
        let crates = crates.map(|(number, path)| (path, Meaning::Crate(number)));
        let all = keys.chain(names).chain(listed).chain(pem).chain(openssl).chain(crates);
        let (strings, meanings) = all.unzip();
        Self { anchors, paths, parts, search: Search::new(strings), meanings }
    }

    /// How many CAs the store has.
    pub(crate) fn store(&self) -> Option<usize> {
        self.anchors.as_ref().map(Vec::len)
    }

    pub(crate) fn scan(&self, bytes: &[u8]) -> Scan {
        let mut scanning = self.start();
        scanning.part(bytes, 0..bytes.len());
        scanning.end()
    }

    /// Of all that is read, of which a part at a time is in memory; each part is shown to `seen` first.
    pub(crate) fn read(
        &self,
        reader: &mut dyn Read,
        seen: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<Scan> {
        let mut scanning = self.start();
        let mut window = Vec::with_capacity(PART + 2 * MARGIN);
        let mut from = 0;
        loop {
            let old = window.len();
            let wanted = from + PART + MARGIN - old;
            let size = (&mut *reader).take(wanted as u64).read_to_end(&mut window)?;
            seen(&window[old..])?;
            if size < wanted {
                scanning.part(&window, from..window.len());
                return Ok(scanning.end());
            }
            let to = from + PART;
            scanning.part(&window, from..to);
            let past = to.saturating_sub(MARGIN);
            window.drain(..past);
            from = to - past;
        }
    }

    fn start(&self) -> Scanning<'_> {
        Scanning {
            scanner: self,
            scan: Scan::default(),
            paths: BTreeSet::new(),
            parts: BTreeSet::new(),
        }
    }

    fn anchors(&self) -> &[Anchor] {
        self.anchors.as_deref().unwrap_or_default()
    }

    /// The CAs whose keys are in a certificate.
    fn anchors_in(&self, der: &[u8]) -> Vec<usize> {
        let mut anchors = Vec::new();
        self.search.find(der, 0..der.len(), |number, _| {
            if let Meaning::Key(number) = self.meanings[number] {
                anchors.push(number);
            }
        });
        anchors
    }
}

/// While a file is gone through.
struct Scanning<'a> {
    scanner: &'a Scanner,
    scan: Scan,
    /// The numbers of the paths and of the parts that have been found.
    paths: BTreeSet<usize>,
    parts: BTreeSet<usize>,
}

impl Scanning<'_> {
    /// What begins in the range; what stands before and after it is looked at as well.
    fn part(&mut self, bytes: &[u8], range: Range<usize>) {
        let Scanner { paths, parts, search, meanings, .. } = self.scanner;
        search.find(bytes, range, |number, at| {
            let after = at + search.string(number).len();
            match meanings[number] {
                Meaning::Key(number) => {
                    let anchor = &self.scanner.anchors()[number];
                    self.scan.roots.key(number, anchor, bytes, at);
                }
                Meaning::Path(number) => {
                    if paths.is_whole(number, bytes, at) {
                        self.paths.insert(number);
                    }
                }
                Meaning::Part(number) => {
                    if parts.is_part(number, bytes, at) {
                        self.parts.insert(number);
                    }
                }
                Meaning::OpenSsl => self.scan.contains_openssl = true,
                Meaning::Crate(path) => {
                    crates::found(path, &bytes[after..], &mut self.scan.crates);
                }
                Meaning::Pem => {
                    if let Some(der) = pem::certificate(&bytes[after..]) {
                        let anchors = self.scanner.anchors_in(&der);
                        self.scan.roots.pem(&der, &anchors);
                    }
                }
            }
        });
    }

    fn end(mut self) -> Scan {
        let known = &self.scanner.paths.known;
        if self.parts.len() == self.scanner.parts.strings.len() {
            self.scan.guesses = Some(parts::WHOSE);
            self.paths.extend(Parts::paths().filter_map(|path| known.binary_search(&path).ok()));
        }
        self.scan.paths = self.paths.into_iter().map(|number| known[number].clone()).collect();
        self.scan
    }
}

#[cfg(test)]
mod tests {
    use super::{PART, Scanner};
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    /// From release builds with openssl-probe: what stands in a row in them.
    const OF_0_1_2: [&str; 4] = [
        "extern \"cert.pem/var/ssl",
        "/etc/ssldeadlock/usr/ssl",
        "/usr/share/ssl/usr/local/ssl/usr/local/openssl/usr/local/share/usr/lib/ssl/etc/openssl\
         /etc/pki/ca-trust/extracted/pem/etc/pki/tls",
        "SSL_CERT_FILESSL_CERT_DIRcerts.pemcerts/ca-certificates.crtcerts/ca-root-nss.crt\
         certs/ca-bundle.crtCARootCertificates.pemtls-ca-bundle.pemcerts",
    ];
    const OF_0_1_6: [&str; 4] = [
        "SSL_CERT_FILESSL_CERT_DIRextern \"cert.pem/var/ssl",
        "/etc/ssldeadlock/usr/ssl",
        "/usr/share/ssl/usr/local/ssl/usr/local/openssl/usr/local/etc/openssl/usr/local/share\
         /usr/lib/ssl/etc/openssl/etc/pki/ca-trust/extracted/pem/etc/pki/tls/etc/certs/opt/etc/ssl",
        "certs.pemca-bundle.pemcacert.pemca-certificates.crtcerts/ca-certificates.crt\
         certs/ca-root-nss.crtcerts/ca-bundle.crtCARootCertificates.pemtls-ca-bundle.pemcerts",
    ];
    const OF_0_2: [&str; 2] = [
        "/etc/ssl/certs/etc/pki/tls/certs/etc/security/certificates\
         /etc/ssl/certs/ca-certificates.crt/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt/etc/ssl/ca-bundle.pem/etc/pki/tls/cacert.pem/etc/ssl/cert.pem\
         /opt/etc/ssl/certs/ca-certificates.crt/etc/ssl/certs/cacert.pem",
    ];

    #[test]
    fn each_series_of_a_list_is_known() {
        let scanner = Scanner::new(None);
        let old = Some("openssl-probe 0.1");
        for (parts, guesses, certs) in [
            (&OF_0_1_2[..], old, true),
            (&OF_0_1_6, old, true),
            (&[OF_0_1_2[3], OF_0_1_6[2]], old, true),
            (&OF_0_2, None, true),
            (&OF_0_1_2[..3], None, false),
            (&OF_0_1_2[3..], None, false),
            // All that the newer list has beside, and a directory or two.
            (&[OF_0_2[1], OF_0_1_6[1], "/usr/local/ssl"], None, false),
        ] {
            for between in ["\0", "", "/"] {
                let scan = scanner.scan(parts.join(between).as_bytes());
                assert_eq!(scan.guesses, guesses, "{parts:?}");
                let has_certs = scan.paths.iter().any(|path| path == "/etc/pki/tls/certs");
                assert_eq!(has_certs, certs, "{parts:?}");
            }
        }
    }

    /// Wherever one part ends and the next one begins.
    #[test]
    fn what_is_read_in_parts_is_found_as_in_one() {
        let scanner = Scanner::new(None);
        let pem = |number: u32| {
            // A SEQUENCE of 60000 bytes.
            let mut der = vec![0x30, 0x82, 0xea, 0x60];
            der.extend(number.to_le_bytes());
            der.resize(4 + 60_000, 1);
            let text = STANDARD.encode(der);
            format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
        };
        let path =
            "\0/etc/ssl/certs/ca-certificates.crt\0/registry/webpki-roots-1.0.2/src/lib.rs\0";
        for shift in [0, 1, 20, 60, 80_000, 256 << 10] {
            let mut bytes = vec![b'.'; 4 * PART + 5];
            for (number, place) in [PART, 2 * PART, 3 * PART, 4 * PART].into_iter().enumerate() {
                let text = if number % 2 == 0 { path.to_owned() } else { pem(number as u32) };
                let at = place - shift;
                let end = bytes.len().min(at + text.len());
                bytes[at..end].copy_from_slice(&text.as_bytes()[..end - at]);
            }
            let mut size = 0;
            let read = scanner.read(&mut &bytes[..], &mut |part| {
                size += part.len();
                Ok(())
            });
            let read = read.unwrap();
            assert_eq!(read, scanner.scan(&bytes), "{shift}");
            assert_eq!((size, read.paths.len(), read.crates.len()), (bytes.len(), 1, 1), "{shift}");
        }
    }
}
