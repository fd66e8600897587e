//! Which store it is: what the variables name, or what was decided on. The same in each series.

use crate::{ENV_CERT_DIR, ENV_CERT_FILE, OWN_CERT_FILE, PATH};
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// A file, a list of directories as `SSL_CERT_DIR` has it, or both.
pub(crate) struct Named {
    pub(crate) file: Option<PathBuf>,
    pub(crate) dir: Option<OsString>,
}

impl Named {
    /// The variables by which OpenSSL is told.
    pub(crate) fn variables(self) -> impl Iterator<Item = (&'static str, OsString)> {
        let file = self.file.map(|path| (ENV_CERT_FILE, path.into()));
        let dir = self.dir.map(|list| (ENV_CERT_DIR, list));
        file.into_iter().chain(dir)
    }

    pub(crate) fn exists(&self) -> bool {
        let directories = self.dir.as_deref().map(split).unwrap_or_default();
        self.file.iter().chain(&directories).any(|path| path.exists())
    }
}

/// The store, whether it is there or not.
pub(crate) fn named() -> Named {
    from_environment().unwrap_or_else(|| match directory() {
        Some(path) => Named { file: None, dir: Some(path.into()) },
        None => Named { file: Some(PATH.into()), dir: None },
    })
}

/// What the variables name, if they name anything and the caller may choose.
pub(crate) fn from_environment() -> Option<Named> {
    let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    let dir = variable(ENV_CERT_DIR).filter(|value| !split(value).is_empty());
    let file = OWN_CERT_FILE.and_then(variable).or_else(|| variable(ENV_CERT_FILE));
    let named = Named { file: file.map(PathBuf::from), dir };
    let is_set = named.file.is_some() || named.dir.is_some();
    (is_set && !is_privileged()).then_some(named)
}

/// The store that was decided on, if it is a directory.
pub(crate) fn directory() -> Option<&'static Path> {
    Some(Path::new(PATH)).filter(|path| path.is_dir())
}

/// The directories of a list.
pub(crate) fn split(list: &OsStr) -> Vec<PathBuf> {
    env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect()
}

/// Whether this process has more rights than its caller, who then must not choose whom it trusts: what
/// the kernel says with `AT_SECURE` (getauxval(3)). Where it cannot be asked, because there is no /proc
/// or because it hides the file of a process that gained rights, the answer is yes.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_privileged() -> bool {
    const AT_SECURE: usize = 23;
    const WORD: usize = size_of::<usize>();
    // The vector of the process itself, as pairs of native words (proc_pid_auxv(5)).
    let Ok(vector) = std::fs::read("/proc/self/auxv") else { return true };
    let mut words = vector
        .chunks_exact(WORD)
        .map(|bytes| usize::from_ne_bytes(bytes.try_into().expect("a word's bytes")));
    while let (Some(key), Some(value)) = (words.next(), words.next()) {
        if key == AT_SECURE {
            return value != 0;
        }
    }
    false
}

/// Elsewhere std has no answer.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_privileged() -> bool {
    false
}
