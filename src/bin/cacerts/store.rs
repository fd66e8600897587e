//! `path` and `list`: the store that is trusted, and what is in it.

use crate::certificates::Summary;
use crate::failure::Failure;
use crate::output;
use cacerts::Settings;

/// The path is printed even where the store cannot be used: the exit status tells that, so the store
/// is loaded.
pub(crate) fn path(settings: &Settings) -> Result<(), Failure> {
    let resolution = settings.resolve()?;
    // With verification off no trust file is opened.
    let loaded = if settings.verifies()? { Some(resolution.load()) } else { None };
    let is_whole = matches!(loaded, Some(Ok(_)));
    for source in resolution.sources() {
        // Of several that are named not each has to be of use.
        if !is_whole || source.load().is_ok() {
            output::path(source.path())?;
        }
    }
    loaded.transpose()?;
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
    for distrusted in store.distrusted() {
        output::message(format_args!("warning: distrusted: {distrusted}"));
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
