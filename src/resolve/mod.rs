//! Decides which store is trusted, and why. It may use `settings`, `defaults`, `error`, `note` and
//! `process`.
//!
//! What is public is here; the decision itself is [`decide`].

mod asked;
mod decide;
#[cfg(test)]
mod tests;
mod world;

pub(crate) use asked::{Asked, IdentityFiles};

use crate::defaults;
use crate::error::{Error, ErrorKind};
use crate::note;
use crate::settings::{Named, Place, Settings};
use crate::shown;
use decide::{Decision, Wanted, decide, extra};
use std::fmt;
use std::path::{Path, PathBuf};

/// Which store is trusted, and why. Nothing is loaded yet.
#[derive(Clone, Debug)]
pub struct Resolution {
    sources: Vec<Source>,
    extra: Vec<Source>,
    candidates: Vec<Candidate>,
}

impl Resolution {
    /// The store: one file or directory, or, where `SSL_CERT_FILE` and `SSL_CERT_DIR` name more
    /// than one, all of them. Never empty.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Leaves out the sources that turned out to be of no use.
    pub(crate) fn leave(&mut self, is_of_use: impl Fn(&Source) -> bool) {
        self.sources.retain(is_of_use);
    }

    /// What is trusted in addition.
    #[must_use]
    pub fn extra(&self) -> &[Source] {
        &self.extra
    }

    /// Everything that was considered, highest first, with what became of it.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }
}

/// One file or directory of trust anchors, and the setting that named it.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    path: PathBuf,
    origin: Origin,
    setting: &'static str,
    config: Option<PathBuf>,
    expects: Expects,
    peers: Peers,
    /// For the advice when the store is missing.
    pub(crate) alternatives: String,
}

/// Whose certificates are verified by a store. Those who may connect to a server are never whom the
/// world at large trusts: only what somebody has named for this program decides on them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Peers {
    Clients,
    Servers,
}

/// What a setting may name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Expects {
    File,
    Directory,
    Either,
}

impl Source {
    /// Where it is; absolute.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The level that named it.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The flag, variable, key or constant that named it.
    #[must_use]
    pub fn setting(&self) -> &str {
        self.setting
    }

    /// The configuration file in which the setting stands.
    #[must_use]
    pub fn config(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    pub(crate) fn peers(&self) -> Peers {
        self.peers
    }

    /// Whether a server is trusted whose own certificate is in it: where a person has named it.
    pub(crate) fn pins(&self) -> bool {
        self.peers == Peers::Servers
            && match self.origin {
                Origin::Argument | Origin::Config | Origin::Environment => true,
                Origin::BuiltIn | Origin::Search => false,
            }
    }

    pub(crate) fn expects(&self) -> Expects {
        self.expects
    }

    /// Whether it is kept by the system, whoever has named it.
    pub(crate) fn is_of_the_system(&self) -> bool {
        matches!(self.origin, Origin::BuiltIn | Origin::Search) || is_of_the_system(&self.path)
    }

    /// The setting as a message names it.
    pub(crate) fn named(&self) -> Named<'_> {
        let place = match self.origin {
            Origin::Config => Place::Config(self.config.as_deref()),
            _ => Place::Elsewhere,
        };
        Named { name: self.setting, place }
    }
}

/// Whether a path is one at which a system keeps its store.
pub(crate) fn is_of_the_system(path: &Path) -> bool {
    let known = defaults::CACERTS_SEARCH_PATHS.iter().chain(&defaults::CACERTS_DEFAULT_PATH);
    known.into_iter().any(|known| path == Path::new(known))
}

#[cfg(all(test, any(feature = "ring", feature = "aws-lc-rs")))]
impl Source {
    /// One that is named at this level.
    pub(crate) fn at(origin: Origin, path: &Path, peers: Peers) -> Self {
        let (setting, config) = ("A_SETTING", None);
        let alternatives = "ANOTHER".to_owned();
        let expects = Expects::Either;
        Self { path: path.to_owned(), origin, setting, config, expects, peers, alternatives }
    }
}

/// One of the levels at which a store can be named.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Origin {
    /// An argument, or a call of the API.
    Argument,
    /// The constant `CACERTS_DEFAULT_PATH`.
    BuiltIn,
    /// A configuration file.
    Config,
    /// A variable.
    Environment,
    /// The search list `CACERTS_SEARCH_PATHS`.
    Search,
}

impl Origin {
    /// What somebody can do who has named there what is of no use; `None` where nobody has.
    pub(crate) fn next_step(self) -> Option<&'static str> {
        match self {
            Self::Argument => Some("name another or leave it out"),
            Self::Environment => Some("correct the variable or unset it"),
            Self::Config => Some("correct it there"),
            Self::BuiltIn | Self::Search => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Argument => "argument",
            Self::BuiltIn => "built-in",
            Self::Config => "config",
            Self::Environment => "environment",
            Self::Search => "search",
        })
    }
}

/// One place where a store can be named, and what became of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Candidate {
    /// The level.
    pub origin: Origin,
    /// The flag, variable, key or constant.
    pub setting: String,
    /// The configuration file in which the setting stands.
    pub config: Option<PathBuf>,
    /// What the setting names; empty where it is not set.
    pub paths: Vec<PathBuf>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a [`Candidate`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// It decides.
    Chosen,
    /// It is set to the empty string, which counts as not set.
    Empty,
    /// The process is privileged beyond its caller, who is not asked.
    Ignored,
    /// It is on the search list, and does not exist.
    NotFound,
    /// It is not searched, because a path is baked in.
    NotSearched,
    /// It is not set.
    NotSet,
    /// It is set, and something higher decides.
    Outranked,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Chosen => "chosen",
            Self::Empty => "empty, counts as not set",
            Self::Ignored => "ignored, the process is privileged",
            Self::NotFound => "not found",
            Self::NotSearched => "not searched, a path is built in",
            Self::NotSet => "not set",
            Self::Outranked => "outranked",
        })
    }
}

impl Settings {
    /// Decides which store is trusted, and why, without loading it.
    ///
    /// It reads variables, and asks whether paths of the search list exist; nothing more. Whether
    /// the store that was decided on can be used is not checked: see [`Resolution::load`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoStore`] where nothing is set, baked in or found;
    /// [`ErrorKind::InvalidSetting`] where the deciding setting is not a path that may be given.
    pub fn resolve(&self) -> Result<Resolution, Error> {
        decided(Asked::of_client(self), Peers::Servers, Wanted::All)
    }

    /// Everything that would be considered, highest first; also where [`resolve`](Self::resolve)
    /// ends in an error.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate> {
        Asked::of(self).candidates()
    }
}

impl Asked<'_> {
    /// The store by which servers are verified, without all of the candidates.
    pub(crate) fn resolve_servers(self) -> Result<Resolution, Error> {
        decided(self, Peers::Servers, Wanted::Decision)
    }

    /// The store by which clients are verified.
    pub(crate) fn resolve_clients(self) -> Result<Resolution, Error> {
        decided(self, Peers::Clients, Wanted::Decision)
    }

    pub(crate) fn candidates(self) -> Vec<Candidate> {
        decide(self, Peers::Servers, Wanted::All).candidates
    }
}

fn decided(asked: Asked<'_>, peers: Peers, wanted: Wanted) -> Result<Resolution, Error> {
    note::keep();
    let Decision { candidates, sources } = decide(asked, peers, wanted);
    let mut sources = sources?;
    let mut extra = extra(asked, peers)?;
    for source in sources.iter_mut().chain(&mut extra) {
        source.path = absolute(&source.path)?;
    }
    Ok(Resolution { sources, extra, candidates })
}

/// A path as messages show it, and wherever the process goes.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(path).map_err(|e| {
        Error::new(
            ErrorKind::InvalidSetting,
            format!(
                "{} cannot be made an absolute path: {e}; write an absolute one",
                shown::path(path)
            ),
        )
        .with_path(path)
    })
}
