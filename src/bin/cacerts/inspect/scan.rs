//! Goes through the bytes of a file once, for all that is looked for in it. It may use `search`,
//! `roots`, `pem`, `paths`, `parts` and `crates`.

use super::crates::{self, Crates};
use super::parts::{self, Parts};
use super::paths::Paths;
use super::pem;
use super::roots::{Anchor, Found};
use super::search::Search;
use std::collections::BTreeSet;

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

#[derive(Default)]
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
        let (mut roots, mut contains_openssl) = (Found::default(), false);
        let (mut paths, mut parts) = (BTreeSet::new(), BTreeSet::new());
        let mut crates = Crates::new();
        self.search.find(bytes, |number, at| match self.meanings[number] {
            Meaning::Key(number) => roots.key(number, &self.anchors()[number], bytes, at),
            Meaning::Path(number) => {
                if self.paths.is_whole(number, bytes, at) {
                    paths.insert(number);
                }
            }
            Meaning::Part(number) => {
                if self.parts.is_part(number, bytes, at) {
                    parts.insert(number);
                }
            }
            Meaning::OpenSsl => contains_openssl = true,
            Meaning::Crate(path) => {
                crates::found(path, &bytes[at + self.search.string(number).len()..], &mut crates);
            }
            Meaning::Pem => {
                let after = at + self.search.string(number).len();
                if let Some(der) = pem::certificate(&bytes[after..]) {
                    let anchors = self.anchors_in(&der);
                    roots.pem(der, &anchors);
                }
            }
        });
        let guesses = (parts.len() == self.parts.strings.len()).then_some(parts::WHOSE);
        if guesses.is_some() {
            let known = &self.paths.known;
            paths.extend(Parts::paths().filter_map(|path| known.binary_search(&path).ok()));
        }
        let paths = paths.into_iter().map(|number| self.paths.known[number].clone()).collect();
        Scan { roots, paths, guesses, contains_openssl, crates }
    }

    fn anchors(&self) -> &[Anchor] {
        self.anchors.as_deref().unwrap_or_default()
    }

    /// The CAs whose keys are in a certificate.
    fn anchors_in(&self, der: &[u8]) -> Vec<usize> {
        let mut anchors = Vec::new();
        self.search.find(der, |number, _| {
            if let Meaning::Key(number) = self.meanings[number] {
                anchors.push(number);
            }
        });
        anchors
    }
}

#[cfg(test)]
mod tests {
    use super::Scanner;

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
}
