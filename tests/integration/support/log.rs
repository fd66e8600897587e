//! What is logged, and a program that gave up its rights. Both are for a test that runs alone.

use log::{LevelFilter, Log, Metadata, Record};
use std::path::Path;
use std::sync::Mutex;

static WARNINGS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps the warnings.
struct Keeper;

impl Log for Keeper {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        WARNINGS.lock().unwrap().push(record.args().to_string());
    }

    fn flush(&self) {}
}

/// Keeps the warnings from now on.
pub(crate) fn keep_warnings() {
    log::set_logger(&Keeper).unwrap();
    log::set_max_level(LevelFilter::Warn);
}

/// The warnings that name a path.
pub(crate) fn warnings(path: &Path) -> Vec<String> {
    let warnings = WARNINGS.lock().unwrap();
    let names = |warning: &&String| warning.contains(path.to_str().unwrap());
    warnings.iter().filter(names).cloned().collect()
}

/// Root may read everything: from now on this thread may not.
#[cfg(target_os = "linux")]
pub(crate) fn give_up_privileges() {
    use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};
    let none = CapabilitySet::empty();
    let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
    set_capabilities(None, none).unwrap();
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn give_up_privileges() {}
