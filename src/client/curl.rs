//! A request as a `curl` command, for the log: so that what went wrong can be tried with something
//! else.

use crate::client::address::shown as shown_address;
use crate::client::connect::Configured;
use crate::client::redirect::Hop;
use crate::resolve::Asked;
use crate::shown::{self, acts};
use crate::tls::Trusted;
use std::path::Path;

/// The command that requests the same with the same trust, but for the user and password in the
/// address; or why there is none. curl has one file, or one directory, and no more.
pub(super) fn command(
    asked: Asked<'_>,
    configured: Option<&Configured>,
    hop: &Hop,
) -> Result<String, String> {
    // Without a configuration file, which may say anything, and without looking for patterns in the address.
    let mut words = ["curl", "-q", "--globoff"].map(str::to_owned).to_vec();
    if let Some(configured) = configured {
        words.extend(trust(&configured.trusted)?);
        words.push(format!("--tlsv{}", asked.tls_minimum().map_err(|e| e.to_string())?));
        if let Some(identity) = identity(asked).filter(|_| !hop.is_elsewhere) {
            words.extend(identity?);
        }
    }
    words.push(quoted(&shown_address(&hop.uri.to_string())));
    Ok(words.join(" "))
}

fn trust(trusted: &Trusted) -> Result<Vec<String>, String> {
    let Trusted::Stores(resolution) = trusted else {
        return Ok(vec!["--insecure".to_owned()]);
    };
    let none = |why: &str| Err(format!("no curl command trusts the same: {why}"));
    match (resolution.sources(), resolution.extra()) {
        ([source], []) if source.path().is_dir() => none("the store is a directory"),
        // curl adds the directory that it was built with, unless it is given another.
        ([source], []) => {
            let words = ["--cacert", &quoted(text(source.path())?), "--capath", "/dev/null"];
            Ok(words.map(str::to_owned).to_vec())
        }
        _ => none("the store is put together from more than one"),
    }
}

/// The options for the client certificate, if there is one.
fn identity(asked: Asked<'_>) -> Option<Result<[String; 4], String>> {
    let files = asked.identity()?;
    let cert = asked.written_path(&files.cert?, files.cert_name).ok()?;
    let key = match files.key {
        Some(key) => asked.written_path(&key, files.key_name).ok()?,
        None => cert.clone(),
    };
    Some(text(&cert).and_then(|cert| {
        // What is behind a colon would be the password of the file.
        let cert = cert.replace('\\', r"\\").replace(':', r"\:");
        let (cert, key) = (quoted(&cert), quoted(text(&key)?));
        Ok(["--cert".to_owned(), cert, "--key".to_owned(), key])
    }))
}

fn text(path: &Path) -> Result<&str, String> {
    path.to_str()
        .ok_or_else(|| format!("no curl command can be shown: {} is no UTF-8", shown::path(path)))
}

/// As the shell takes it for one word.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/.:_-+=,@%".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        // As bash and POSIX's newer shells have it, so that a terminal does not obey the command.
        false if text.contains(acts) => {
            let escaped = text.replace('\\', r"\\").replace('\'', r"\'");
            let bytes = |c: char| {
                let bytes = c.to_string().into_bytes();
                bytes.iter().map(|byte| format!(r"\x{byte:02x}")).collect::<String>()
            };
            let shown = |c: char| if acts(c) { bytes(c) } else { c.to_string() };
            format!("$'{}'", escaped.chars().map(shown).collect::<String>())
        }
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_for_the_shell() {
        for (text, shown) in [
            ("/etc/ssl/ca.pem", "/etc/ssl/ca.pem"),
            ("/my ca.pem", "'/my ca.pem'"),
            ("it's", r"'it'\''s'"),
            ("https://a.example/?b&c", "'https://a.example/?b&c'"),
            ("$(x)", "'$(x)'"),
            ("/a\r\\'\u{9b}.pem", r"$'/a\x0d\\\'\xc2\x9b.pem'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(text), shown);
        }
    }
}
