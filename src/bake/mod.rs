//! Build time: the text of the maintainer's settings in, the generated module's text or an error
//! out.
//!
//! Pure: nothing is read, nothing of the build machine is looked at, and the same text gives the
//! same bytes anywhere. `build.rs` compiles this module, and so do the library's unit tests and
//! `cargo cacerts`, which decides alike; it is no part of the library that ships. It may use std and
//! `toml`.

mod error;
mod read;
mod render;
#[cfg(test)]
mod tests;
mod value;
mod variables;

pub(crate) use error::Error;
pub(crate) use read::File;
pub(crate) use variables::{in_vain, refuse_in_vain};

use read::Keys;

/// The variable and the key that name the store to trust.
pub(crate) const DEFAULT_PATH: &str = "CACERTS_DEFAULT_PATH";
/// The variable that names a maintainer's own file with the same keys.
pub(crate) const OWN_FILE: &str = "CACERTS_DEFAULTS_FILE";
/// The file that comes with the crate.
pub(crate) const SHIPPED: &str = "defaults.toml";

const FILE_VARIABLE: &str = "CACERTS_FILE_VARIABLE";
const PACKAGE: &str = "CACERTS_PACKAGE";
const SEARCH_PATHS: &str = "CACERTS_SEARCH_PATHS";
const SYSTEM_CONFIG: &str = "CACERTS_SYSTEM_CONFIG";
const TLS_MIN_VERSION: &str = "CACERTS_TLS_MIN_VERSION";

/// All keys, in the order in which they are written out.
const KEYS: [&str; 6] =
    [DEFAULT_PATH, FILE_VARIABLE, PACKAGE, SEARCH_PATHS, SYSTEM_CONFIG, TLS_MIN_VERSION];

/// What is baked into the library: one field a constant.
#[derive(Debug, PartialEq)]
pub(crate) struct Defaults {
    pub(crate) default_path: Option<String>,
    pub(crate) file_variable: Option<String>,
    pub(crate) package: Option<String>,
    pub(crate) search_paths: Vec<String>,
    pub(crate) system_config: String,
    pub(crate) tls_min_version: String,
    /// Who decided on the path; for the build log only, so that the output stays the same
    /// wherever the maintainer keeps the file, and for the messages of `cargo cacerts`.
    pub(crate) decided_by: String,
}

/// Applies the precedence: the variable, then the maintainer's own file, then the shipped one.
/// `windows` says which paths are absolute on the target.
pub(crate) fn bake(
    shipped: &File,
    own: Option<&File>,
    variable: Option<&str>,
    windows: bool,
) -> Result<Defaults, Error> {
    let shipped = Keys::parse(shipped, windows)?;
    let own = own.map(|file| Keys::parse(file, windows)).transpose()?.unwrap_or_default();
    let (default_path, decided_by) = match variable {
        Some(text) => {
            let path = value::path_or_none(text, windows)
                .map_err(|why| Error::new(format_args!("${DEFAULT_PATH}"), why))?;
            (Some(path), format!("${DEFAULT_PATH}"))
        }
        None if own.default_path.is_some() => (own.default_path, format!("${OWN_FILE}")),
        None => (shipped.default_path, SHIPPED.to_owned()),
    };
    Ok(Defaults {
        file_variable: own.file_variable.or(shipped.file_variable).unwrap_or_default(),
        default_path: default_path.flatten(),
        package: own
            .package
            .or(shipped.package)
            .unwrap_or_else(|| value::usual_package(windows).map(str::to_owned)),
        search_paths: own.search_paths.or(shipped.search_paths).unwrap_or_default(),
        system_config: own
            .system_config
            .or(shipped.system_config)
            .unwrap_or_else(|| value::usual_system_config(windows).to_owned()),
        tls_min_version: own
            .tls_min_version
            .or(shipped.tls_min_version)
            .unwrap_or_else(|| "1.2".to_owned()),
        decided_by,
    })
}

impl Defaults {
    /// For programs whose packages must have a path: none is an error, whoever said so.
    ///
    /// A variable that does not get through a clean environment would otherwise end in a program that
    /// searches, and nobody would be told.
    pub(crate) fn require_path(&self, windows: bool) -> Result<(), Error> {
        match self.default_path {
            Some(_) => Ok(()),
            None => Err(Error::new(
                &self.decided_by,
                format_args!(
                    "names no store, and the feature require-path wants one; set ${DEFAULT_PATH} to \
                     its path, such as {}",
                    value::example(windows)
                ),
            )),
        }
    }
}

/// The name of the maintainer's own file in messages. A relative path is refused: a build script
/// runs in the crate's own directory, where it could name the wrong file without a word.
pub(crate) fn own_file_name(path: &str) -> Result<String, Error> {
    let refused = if path.contains(char::is_control) {
        // A line break in it would become a line of its own in what cargo is told.
        "contains a control character"
    } else if !std::path::Path::new(path).is_absolute() {
        "is a relative path"
    } else {
        return Ok(format!("{path} (named by ${OWN_FILE})"));
    };
    Err(Error::new(
        format_args!("${OWN_FILE}"),
        format_args!("{path:?} {refused}; give the absolute path of your file"),
    ))
}
