//! The paths of bundles that are looked for in a file. It may use the library's constants.

use cacerts::defaults::{CACERTS_DEFAULT_PATH, CACERTS_SEARCH_PATHS};
use std::collections::BTreeSet;

/// Known paths that nobody should search today, but programs do: directory by directory, so that this
/// command does not look as if it named them itself.
const OTHERS: [(&str, &[&str]); 16] = [
    ("/etc/pki/tls", &["cert.pem", "certs"]),
    ("/etc/pki/ca-trust/extracted/pem", &["directory-hash"]),
    ("/etc/ssl", &["ca-bundle.crt", "certs.pem"]),
    ("/etc/ssl/certs", &["cacert.pem", "YaST-CA.pem"]),
    ("/etc/ca-certificates/extracted", &["tls-ca-bundle.pem", "cadir"]),
    ("/etc/openssl/certs", &["cacert.pem"]),
    ("/etc/security", &["certificates"]),
    ("/usr/lib/ssl", &["cert.pem", "certs"]),
    ("/usr/local/ssl", &["cert.pem", "certs"]),
    ("/usr/local/share", &["certs", "curl/curl-ca-bundle.crt"]),
    ("/usr/share", &["ssl/certs/ca-bundle.crt", "curl/curl-ca-bundle.crt", "certs/trusted"]),
    ("/usr/ssl/certs", &["ca-bundle.crt"]),
    ("/var/lib/ca-certificates", &["openssl", "pem"]),
    ("/var/cache/ca-certs", &["anchors", "compat/ca-roots.pem"]),
    ("/nix/var/nix/profiles/default/etc/ssl/certs", &["ca-bundle.crt"]),
    ("/sys/lib/tls", &["ca.pem"]),
];
/// Shorter ones cannot be searched for together with the rest, and would be found by chance.
const SHORTEST: usize = 14;

/// The paths that are looked for, sorted.
pub(crate) struct Paths {
    pub(crate) known: Vec<String>,
    /// For each the longer ones that it is a part of, and where in them it stands.
    longer: Vec<Vec<(usize, usize)>>,
}

impl Paths {
    /// Those that this build would search, the one that is baked in, and `OTHERS`.
    pub(crate) fn new() -> Self {
        let own = CACERTS_SEARCH_PATHS.iter().copied().chain(CACERTS_DEFAULT_PATH);
        let others = OTHERS.iter().flat_map(|(directory, names)| {
            names.iter().map(move |name| format!("{directory}/{name}"))
        });
        let all: BTreeSet<_> = own.map(str::to_owned).chain(others).collect();
        let known: Vec<_> = all.into_iter().filter(|path| path.len() >= SHORTEST).collect();
        let longer = known.iter().map(|path| {
            let others = known.iter().enumerate().filter(|(_, other)| *other != path);
            others.filter_map(|(number, other)| Some((number, other.find(path)?))).collect()
        });
        Self { longer: longer.collect(), known }
    }

    /// Whether the path that was found at this place is no part of a longer one there.
    pub(crate) fn is_whole(&self, number: usize, bytes: &[u8], at: usize) -> bool {
        !self.longer[number].iter().any(|&(longer, offset)| {
            at.checked_sub(offset)
                .is_some_and(|begin| bytes[begin..].starts_with(self.known[longer].as_bytes()))
        })
    }
}
