//! Which crates that decide on trust a program was built with: by the list that cargo-auditable puts into
//! a section of its own, and by the names of source files, which stand in a program where it may panic.
//! It may use `flate2`.

use flate2::read::ZlibDecoder;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::io::Read;

/// Those that are told of.
const NAMES: [&str; 9] = [
    "cacerts",
    "curl-sys",
    "native-tls",
    "openssl-probe",
    "openssl-sys",
    "rustls-native-certs",
    "rustls-platform-verifier",
    "webpki-root-certs",
    "webpki-roots",
];
/// How the name of a source file of each of them goes on before its version. Shorter ones cannot be
/// searched for together with the rest.
const PATHS: [&str; 5] = [
    "/openssl-probe-",
    "/rustls-native-certs-",
    "/rustls-platform-verifier-",
    "/webpki-root-certs-",
    "/webpki-roots-",
];
/// So much of a list is unpacked, 1 MiB: that of a thousand crates has a tenth of it.
const LARGEST: u64 = 1 << 20;
/// The longest version that is one.
const LONGEST: usize = 32;
/// So many are told, more than any program has.
const MOST: usize = 32;

/// Names with their versions.
pub(crate) type Crates = BTreeSet<(String, String)>;

/// What is searched for.
pub(crate) fn strings() -> impl Iterator<Item = Vec<u8>> {
    PATHS.iter().map(|path| path.as_bytes().to_vec())
}

/// Adds the crate of the source file whose name goes on like this after the string with this number.
pub(crate) fn found(number: usize, after: &[u8], crates: &mut Crates) {
    let after = &after[..after.len().min(LONGEST + 1)];
    let Some(end) = after.iter().position(|&byte| byte == b'/') else { return };
    if let Ok(version) = std::str::from_utf8(&after[..end]) {
        add(PATHS[number].trim_matches(['/', '-']), version, crates);
    }
}

fn add(name: &str, version: &str, crates: &mut Crates) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".-+".contains(c);
    let is_version = version.starts_with(|c: char| c.is_ascii_digit()) && version.contains('.');
    if is_version && version.len() <= LONGEST && version.chars().all(is_part) && crates.len() < MOST
    {
        crates.insert((name.to_owned(), version.to_owned()));
    }
}

#[derive(Deserialize)]
struct List {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    #[serde(default)]
    kind: Option<String>,
}

/// Adds those of the list in the section. One that cannot be read is of no other format's concern: it is
/// left out.
pub(crate) fn listed(section: &[u8], crates: &mut Crates) {
    let list: Result<List, _> = serde_json::from_reader(ZlibDecoder::new(section).take(LARGEST));
    for package in list.into_iter().flat_map(|list| list.packages) {
        // What was only run while building is not in it.
        if NAMES.contains(&package.name.as_str()) && package.kind.as_deref() != Some("build") {
            add(&package.name, &package.version, crates);
        }
    }
}

/// As `built with ...`; `None` where there are none.
pub(crate) fn in_words(crates: &Crates) -> Option<String> {
    let names: Vec<_> = crates.iter().map(|(name, version)| format!("{name} {version}")).collect();
    (!names.is_empty()).then(|| format!("built with {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{Crates, LARGEST, found, in_words, listed};
    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use std::io::Write;

    fn list(json: &str) -> Option<String> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(json.as_bytes()).unwrap();
        let mut crates = Crates::new();
        listed(&encoder.finish().unwrap(), &mut crates);
        in_words(&crates)
    }

    #[test]
    fn the_list_of_cargo_auditable_is_read() {
        let one = r#"{"packages":[
            {"name":"app","version":"1.0.0","source":"local","root":true,"dependencies":[1]},
            {"name":"webpki-roots","version":"0.26.11","source":"crates.io"},
            {"name":"openssl-probe","version":"0.1.6","source":"crates.io","kind":"build"},
            {"name":"rustls-native-certs","version":"0.8.1","source":"registry","kind":"runtime"}]}"#;
        let words = "built with rustls-native-certs 0.8.1, webpki-roots 0.26.11";
        assert_eq!(list(one).as_deref(), Some(words));
        let long = one.replace("local", &"x".repeat(LARGEST as usize));
        for nothing in ["", "{}", "[]", r#"{"packages":[]}"#, &one[..50], &long] {
            assert_eq!(list(nothing), None);
        }
        assert_eq!(list(&one.replace("0.26.11", "a\\nb")).unwrap().matches("webpki").count(), 0);
    }

    #[test]
    fn the_name_of_a_source_file_has_a_version() {
        for (after, words) in [
            ("0.1.6/src/lib.rs", Some("built with openssl-probe 0.1.6")),
            ("0.2.0-rc.1+x/src", Some("built with openssl-probe 0.2.0-rc.1+x")),
            ("/src/lib.rs", None),
            ("sys-0.1/src", None),
            ("0.1.6", None),
            ("1/src", None),
            ("0.1.6\n/src", None),
            ("", None),
        ] {
            let mut crates = Crates::new();
            found(0, after.as_bytes(), &mut crates);
            assert_eq!(in_words(&crates).as_deref(), words, "{after}");
        }
    }
}
