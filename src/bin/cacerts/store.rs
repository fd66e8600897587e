//! The store that is trusted, or the one that somebody names; and `path`.

use crate::args::Options;
use crate::config;
use crate::failure::Failure;
use crate::output;
use crate::shown;
use cacerts::{Origin, Settings, TrustStore};
use std::path::Path;

/// A store, and how a person knows it.
pub(crate) struct Store {
    pub(crate) loaded: TrustStore,
    pub(crate) name: String,
}

/// The one that clients trust, with what is trusted in addition.
pub(crate) fn in_effect(options: &Options) -> Result<Store, Failure> {
    let settings = config::settings(options)?;
    if !settings.verifies()? {
        return Err(Failure::usage("verification is off, so there is no store to look into"));
    }
    let resolution = settings.resolve()?;
    let loaded = resolution.load()?.whole()?;
    let sources = resolution.sources().iter().chain(resolution.extra());
    let name =
        sources.map(|source| source.path().to_string_lossy()).collect::<Vec<_>>().join(" + ");
    Ok(Store { loaded, name })
}

/// The file or directory that is an argument of the command itself, alone: no configuration and no
/// variable adds to it. An option that names another store is a mistake.
pub(crate) fn named(path: &Path, options: &Options) -> Result<Store, Failure> {
    let given = options.tls.settings();
    let is_named = given
        .candidates()
        .iter()
        .any(|candidate| candidate.origin == Origin::Argument && !candidate.paths.is_empty());
    if is_named || !given.ca_certs(path).resolve()?.extra().is_empty() {
        return Err(Failure::usage(format_args!(
            "{} is a store by itself; leave out --ca-certs and --extra-ca-certs, or the path",
            shown::path(path)
        )));
    }
    load(path)
}

/// A file or directory. Whoever names it has to correct it.
pub(crate) fn load(path: &Path) -> Result<Store, Failure> {
    let loaded = TrustStore::load(path).and_then(TrustStore::whole).map_err(Failure::usage)?;
    Ok(Store { loaded, name: path.to_string_lossy().into_owned() })
}

/// The path is printed even where the store cannot be used: the exit status tells that, so the store
/// is loaded.
pub(crate) fn path(settings: &Settings) -> Result<(), Failure> {
    let resolution = settings.resolve()?;
    // With verification off no trust file is opened.
    let loaded = if settings.verifies()? { Some(resolution.load()) } else { None };
    for source in resolution.sources() {
        // Of several that are named not each has to be of use.
        let passed_over = |store: &&TrustStore| store.part(source.path()).is_none();
        match loaded.as_ref().and_then(|loaded| loaded.as_ref().ok()).filter(passed_over) {
            Some(store) => {
                let why = store.skipped().iter().filter(|skipped| skipped.path == source.path());
                why.for_each(|why| output::message(format_args!("warning: skipped: {why}")));
            }
            None => output::path(source.path())?,
        }
    }
    loaded.transpose()?;
    Ok(())
}
