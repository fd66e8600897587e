//! The list of openssl-probe 0.1 (0.1.1 and later), of which no path stands in a program: it joins each
//! of its directories with each of its file names. It uses nothing.

pub(crate) const WHOSE: &str = "openssl-probe 0.1";
/// The directories that every version has. Programs have one or the other for reasons of their own.
const DIRECTORIES: [&str; 10] = [
    "/var/ssl",
    "/usr/share/ssl",
    "/usr/local/ssl",
    "/usr/local/openssl",
    "/usr/local/share",
    "/usr/lib/ssl",
    "/usr/ssl",
    "/etc/openssl",
    "/etc/pki/tls",
    "/etc/ssl",
];
/// The file names that every version has, apart from their directory, so that this command does not look
/// as if it had the list itself.
const CERTS: &str = "certs";
const IN_CERTS: [&str; 3] = ["ca-certificates.crt", "ca-root-nss.crt", "ca-bundle.crt"];
const NAMES: [&str; 3] = ["cert.pem", "certs.pem", CERTS];
/// Shorter ones cannot be searched for, and would be found by chance.
const SHORTEST: usize = 14;

/// What is searched for: a program that has all of it has the list.
pub(crate) struct Parts {
    pub(crate) strings: Vec<String>,
}

impl Parts {
    pub(crate) fn new() -> Self {
        let directories = DIRECTORIES.map(str::to_owned).into_iter();
        let strings = directories.chain(in_certs()).filter(|part| part.len() >= SHORTEST);
        Self { strings: strings.collect() }
    }

    /// Whether the part that was found at this place is one: a file name is none at the end of a path.
    pub(crate) fn is_part(&self, number: usize, bytes: &[u8], at: usize) -> bool {
        let is_name = !self.strings[number].starts_with('/');
        !(is_name && at > 0 && bytes[at - 1] == b'/')
    }

    /// The paths that the list makes.
    pub(crate) fn paths() -> impl Iterator<Item = String> {
        DIRECTORIES.iter().flat_map(|directory| {
            let names = NAMES.map(str::to_owned).into_iter().chain(in_certs());
            names.map(move |name| format!("{directory}/{name}"))
        })
    }
}

fn in_certs() -> impl Iterator<Item = String> {
    IN_CERTS.iter().map(|name| format!("{CERTS}/{name}"))
}
