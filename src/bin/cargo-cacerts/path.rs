//! Which store the program is to trust: the very decision of the library's build script, over what
//! is baked into this command in the place of `defaults.toml`. It may use `bake` and `failure`.

use crate::bake;
use crate::failure::Failure;
use cacerts::defaults;
use std::{env, fs};
use toml_edit::{Array, Value};

/// What was decided.
pub(crate) struct Decided {
    /// The store.
    pub(crate) path: String,
    /// The package that provides it, if one is known.
    pub(crate) package: Option<String>,
    /// A variable that takes the place of `SSL_CERT_FILE`.
    pub(crate) file_variable: Option<String>,
}

/// Decides by the variables that the build script goes by, then by what is baked in.
pub(crate) fn decide() -> Result<Decided, Failure> {
    let decided = baked().map_err(Failure::usage)?;
    let path = decided.default_path.ok_or_else(|| {
        let (why, which) = match &*decided.decided_by {
            bake::SHIPPED => (
                "nothing says which store the program is to trust",
                " (neither it nor a file of settings names one, and nothing is baked into this \
                 cargo-cacerts)"
                    .to_owned(),
            ),
            who => (
                "a program with drop-ins has to be told which store it is to trust",
                format!(" ({who} says none)"),
            ),
        };
        let variable = bake::DEFAULT_PATH;
        Failure::usage(format_args!(
            "{why}: set ${variable} to its path, as in \
             {variable}=/etc/ssl/certs/ca-certificates.crt{which}"
        ))
    })?;
    Ok(Decided { path, package: decided.package, file_variable: decided.file_variable })
}

fn baked() -> Result<bake::Defaults, bake::Error> {
    let set = env::vars_os().filter(|(_, value)| !value.is_empty());
    let set: Vec<_> = set.map(|(name, _)| name.to_string_lossy().into_owned()).collect();
    bake::refuse_in_vain(&set)?;
    let shipped = bake::File::new(bake::SHIPPED, defaults_toml().into_bytes())?;
    let own = match variable(bake::OWN_FILE)? {
        Some(path) => Some(own_file(&path)?),
        None => None,
    };
    bake::bake(&shipped, own.as_ref(), variable(bake::DEFAULT_PATH)?.as_deref(), false)
}

/// A variable; empty counts as not set.
fn variable(name: &str) -> Result<Option<String>, bake::Error> {
    match env::var_os(name).map(|value| value.into_string()) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(value).filter(|value| !value.is_empty())),
        Some(Err(_)) => {
            Err(bake::Error::new(format_args!("${name}"), "is not UTF-8; write the path in UTF-8"))
        }
    }
}

fn own_file(path: &str) -> Result<bake::File, bake::Error> {
    let name = bake::own_file_name(path)?;
    // Asked before it is opened: a FIFO would wait for ever.
    let bytes = match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => Err("is not a file".to_owned()),
        _ => fs::read(path).map_err(|e| format!("cannot be read: {e}")),
    };
    let bytes = bytes.map_err(|why| {
        bake::Error::new(
            &name,
            format_args!("{why}; it has to be a file with the keys of defaults.toml"),
        )
    })?;
    bake::File::new(&name, bytes)
}

/// The constants of this command as a defaults file: what the library is written out with, so that
/// whoever packaged this command has decided for the programs, too.
pub(crate) fn defaults_toml() -> String {
    let or_none = |value: Option<&str>| Value::from(value.unwrap_or("none"));
    [
        ("CACERTS_DEFAULT_PATH", or_none(defaults::CACERTS_DEFAULT_PATH)),
        ("CACERTS_FILE_VARIABLE", or_none(defaults::CACERTS_FILE_VARIABLE)),
        ("CACERTS_PACKAGE", or_none(defaults::CACERTS_PACKAGE)),
        (
            "CACERTS_SEARCH_PATHS",
            Array::from_iter(defaults::CACERTS_SEARCH_PATHS.iter().copied()).into(),
        ),
        ("CACERTS_SYSTEM_CONFIG", Value::from(defaults::CACERTS_SYSTEM_CONFIG)),
        ("CACERTS_TLS_MIN_VERSION", Value::from(defaults::CACERTS_TLS_MIN_VERSION)),
    ]
    .map(|(key, value)| format!("{key} = {value}\n"))
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_defaults_are_those_of_this_command() {
        let file = bake::File::new("defaults.toml", defaults_toml().into_bytes()).unwrap();
        let written = bake::bake(&file, None, None, false).unwrap();
        let variable = written.file_variable.as_deref();
        assert_eq!(variable, defaults::CACERTS_FILE_VARIABLE);
        assert_eq!(written.default_path.as_deref(), defaults::CACERTS_DEFAULT_PATH);
        assert_eq!(written.package.as_deref(), defaults::CACERTS_PACKAGE);
        assert_eq!(written.search_paths, defaults::CACERTS_SEARCH_PATHS);
        assert_eq!(written.tls_min_version, defaults::CACERTS_TLS_MIN_VERSION);
    }
}
