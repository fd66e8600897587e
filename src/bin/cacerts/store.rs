//! `path` and `list`: the store that is trusted, and what is in it.

use crate::certificates::Summary;
use crate::failure::Failure;
use crate::output;
use cacerts::Settings;

/// The path is printed even where the store cannot be used: the exit status tells that, so the store
/// is loaded.
pub(crate) fn path(settings: &Settings) -> Result<(), Failure> {
    let resolution = settings.resolve()?;
    for source in resolution.sources() {
        output::path(source.path())?;
    }
    // With verification off no trust file is opened.
    if settings.verifies()? {
        resolution.load()?;
    }
    Ok(())
}

pub(crate) fn list(settings: &Settings, json: bool) -> Result<(), Failure> {
    if !settings.verifies()? {
        return Err(Failure::usage("verification is off, so there is no store to list"));
    }
    let store = settings.resolve()?.load()?;
    for skipped in store.skipped() {
        output::message(format_args!("warning: skipped: {skipped}"));
    }
    if store.repeated() > 0 {
        let repeated = store.repeated();
        output::message(format_args!("certificates that are there once more: {repeated}"));
    }
    let certificates = store.certificates().iter().map(Summary::of);
    if json {
        return output::json(&certificates.map(|c| c.to_json()).collect());
    }
    for certificate in certificates {
        output::line(certificate)?;
    }
    Ok(())
}
