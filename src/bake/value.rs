//! What a value may be. Each function gives the value back or says what is allowed.

/// A store's path, or `none`, which bakes nothing.
pub(super) fn path_or_none(text: &str, windows: bool) -> Result<Option<String>, String> {
    if text == "none" {
        return Ok(None);
    }
    let example = example(windows);
    path(text, windows).map(Some).map_err(|why| format!("{why}, such as {example}, or \"none\""))
}

/// A path of a store, for messages.
pub(super) fn example(windows: bool) -> &'static str {
    if windows { r"C:\ssl\ca.pem" } else { "/etc/ssl/certs/ca-certificates.crt" }
}

/// A path that is absolute on the target. It need not exist anywhere yet.
pub(super) fn path(text: &str, windows: bool) -> Result<String, String> {
    let is_separator = |c| c == '/' || (windows && c == '\\');
    let absolute = if windows {
        let mut chars = text.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic())
            && chars.next() == Some(':')
            && chars.next().is_some_and(is_separator)
    } else {
        text.starts_with('/')
    };
    let refused = if text.is_empty() {
        "is empty"
    } else if text.contains('\0') {
        "contains a NUL character"
    } else if text.contains(['\n', '\r']) {
        "contains a line break"
    } else if text.chars().any(char::is_control) {
        "contains a control character"
    } else if text.trim() != text {
        "begins or ends with a space"
    } else if !absolute {
        "is not an absolute path"
    } else if text.split(is_separator).any(|part| part == "..") {
        "contains `..`"
    } else {
        return Ok(text.to_owned());
    };
    Err(format!(
        "{text:?} {refused}; allowed is an absolute path without `..` and control characters"
    ))
}

/// The package that provides the store when nothing says otherwise: Windows has no such packages.
pub(super) fn usual_package(windows: bool) -> Option<&'static str> {
    (!windows).then_some("ca-certificates")
}

/// Where the command's own configuration is when nothing says otherwise: a place that only an
/// administrator may write. Below `C:\etc`, any user may.
pub(super) fn usual_system_config(windows: bool) -> &'static str {
    if windows { r"C:\Program Files\cacerts\config.toml" } else { "/etc/cacerts/config.toml" }
}

/// Whether a row of the search list is passed over: the shipped list has every Unix's rows, which
/// no Windows has.
pub(super) fn is_elsewhere(row: &str, windows: bool) -> bool {
    windows && row.starts_with('/')
}

/// The oldest TLS version that may be spoken.
pub(super) fn tls_version(text: &str) -> Result<String, String> {
    match text {
        "1.2" | "1.3" => Ok(text.to_owned()),
        _ => {
            Err(format!("{text:?} is not a TLS version on offer; allowed are \"1.2\" and \"1.3\""))
        }
    }
}

/// The name of a package, for error messages; `none` names no package.
pub(super) fn package(text: &str) -> Result<Option<String>, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-._".contains(c);
    match text {
        "none" => Ok(None),
        _ if !text.is_empty() && text.chars().all(plain) => Ok(Some(text.to_owned())),
        _ => Err(format!(
            "{text:?} is not a package name; allowed are letters, digits, `+`, `-`, `.`, `_`, or \"none\""
        )),
    }
}

/// The name of a variable; `none` names none.
pub(super) fn variable(text: &str) -> Result<Option<String>, String> {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let is_name = text.starts_with(|c: char| !c.is_ascii_digit()) && text.chars().all(plain);
    match text {
        "none" => Ok(None),
        "SSL_CERT_FILE" | "SSL_CERT_DIR" => Err(format!("{text:?} is heeded in any case")),
        _ if is_name && !text.starts_with("CACERTS_") => Ok(Some(text.to_owned())),
        _ => Err(format!(
            "{text:?} is not the name of a variable that can have this meaning; allowed are capital \
             letters, digits and `_`, such as NIX_SSL_CERT_FILE, or \"none\""
        )),
    }
}
