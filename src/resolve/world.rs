//! What a decision depends on beside the settings. It may use `defaults` and `process`.

use crate::defaults;
use crate::process;
use std::ffi::OsString;
use std::path::Path;

/// The environment, passed in so that the decision can be tested as a table.
pub(crate) struct World<'a> {
    pub(super) variable: &'a dyn Fn(&str) -> Option<OsString>,
    pub(super) exists: &'a dyn Fn(&Path) -> bool,
    /// Asked only where it matters, because asking costs system calls.
    pub(super) privileged: &'a dyn Fn() -> bool,
    pub(super) file_variable: Option<&'static str>,
    pub(super) default_path: Option<&'a str>,
    pub(super) search_paths: &'a [&'a str],
}

impl World<'_> {
    pub(super) const REAL: World<'static> = World {
        variable: &|name| std::env::var_os(name),
        // What may not be looked at may be there: then it decides, and ends in an error.
        exists: &|path| path.try_exists().unwrap_or(true),
        privileged: &process::is_privileged,
        file_variable: defaults::CACERTS_FILE_VARIABLE,
        default_path: defaults::CACERTS_DEFAULT_PATH,
        search_paths: defaults::CACERTS_SEARCH_PATHS,
    };
}
