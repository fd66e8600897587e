//! The decision which store is trusted. It is pure: the environment is passed in, and the only
//! thing it asks of the file system is whether a path of the search list exists.

use super::asked::Asked;
use super::world::World;
use crate::defaults;
use crate::error::{Error, ErrorKind};
use crate::resolve::{Candidate, Expects, Origin, Outcome, Peers, Source};
use crate::settings::Setting;
use crate::shown;
use std::path::PathBuf;

const CERT_FILE: &str = "SSL_CERT_FILE";
const CERT_DIR: &str = "SSL_CERT_DIR";

/// What is wanted of [`decide`].
#[derive(PartialEq)]
pub(super) enum Wanted {
    Decision,
    /// The decision and all candidates.
    All,
}

/// What was decided, and everything that was considered on the way.
pub(super) struct Decision {
    pub(super) candidates: Vec<Candidate>,
    pub(super) sources: Result<Vec<Source>, Error>,
}

/// Goes through the levels, highest first. The first that names something decides; what is below it
/// is still listed, unless only the decision is wanted: the list costs ten times as much.
pub(super) fn decide(asked: Asked<'_>, peers: Peers, wanted: Wanted) -> Decision {
    let world = asked.world;
    let mut levels = Levels { peers, candidates: Vec::new(), chosen: Vec::new() };

    let (path, flag) = match asked.argument(Setting::CaCerts, |layer| layer.ca_certs.clone()) {
        Some((path, named)) => (Some(path), named.name),
        None => (None, asked.name(Setting::CaCerts)),
    };
    levels.go_through([Entry::new(Origin::Argument, flag, path)]);

    for name in asked.variables(Setting::CaCerts) {
        levels.go_through([Entry::variable(name, Expects::Either, world)]);
    }
    if peers == Peers::Servers {
        // Either of the two replaces what is below; they never replace each other.
        let mut file = Entry::variable(CERT_FILE, Expects::File, world);
        let dir = Entry::variable(CERT_DIR, Expects::Directory, world);
        match world.file_variable {
            None => levels.go_through([file, dir]),
            Some(name) => {
                let own = Entry::variable(name, Expects::File, world);
                if own.names_something() && file.names_something() {
                    file.out = file.out.or(Some(Outcome::Outranked));
                }
                levels.go_through([own, file, dir]);
            }
        }
    }

    for config in asked.configs() {
        let name = config.named(Setting::CaCerts).name;
        let mut entry = Entry::new(Origin::Config, name, config.layer.ca_certs.clone());
        entry.config.clone_from(&config.file);
        levels.go_through([entry]);
    }
    if peers == Peers::Servers {
        levels.go_through_system(world, wanted);
    }

    let Levels { candidates, mut chosen, .. } = levels;
    let alternatives = alternatives(asked, peers);
    for source in &mut chosen {
        source.alternatives.clone_from(&alternatives);
    }
    let sources = match (chosen.is_empty(), peers) {
        (false, _) => usable(chosen, asked),
        (true, Peers::Servers) => Err(no_store(&candidates, &alternatives)),
        (true, Peers::Clients) => Err(no_client_ca(&alternatives)),
    };
    Decision { candidates, sources }
}

/// One setting of a level, before it is known what becomes of it.
struct Entry {
    origin: Origin,
    setting: &'static str,
    config: Option<PathBuf>,
    /// `None` where it is not set.
    paths: Option<Vec<PathBuf>>,
    expects: Expects,
    /// Why it is out of the question, whatever it names.
    out: Option<Outcome>,
}

impl Entry {
    fn new(origin: Origin, setting: &'static str, path: Option<PathBuf>) -> Self {
        let paths = path.map(|path| vec![path]);
        Self { origin, setting, config: None, paths, expects: Expects::Either, out: None }
    }

    fn variable(name: &'static str, expects: Expects, world: &World<'_>) -> Self {
        let paths = (world.variable)(name).map(|value| match expects {
            // A list, as for OpenSSL.
            Expects::Directory => std::env::split_paths(&value).collect(),
            Expects::File | Expects::Either => vec![PathBuf::from(value)],
        });
        let mut entry = Self { paths, expects, ..Self::new(Origin::Environment, name, None) };
        if entry.names_something() && (world.privileged)() {
            entry.out = Some(Outcome::Ignored);
        }
        entry
    }

    fn names_something(&self) -> bool {
        self.paths.iter().flatten().any(|path| !path.as_os_str().is_empty())
    }

    fn outcome(&self, decided: bool) -> Outcome {
        match (&self.paths, self.out) {
            (_, Some(out)) => out,
            (None, None) => Outcome::NotSet,
            // An empty argument is a mistake to report, not a template's way to say nothing.
            _ if !self.names_something() && self.origin != Origin::Argument => Outcome::Empty,
            _ if decided => Outcome::Outranked,
            _ => Outcome::Chosen,
        }
    }
}

/// The levels gone through so far.
struct Levels {
    peers: Peers,
    candidates: Vec<Candidate>,
    chosen: Vec<Source>,
}

impl Levels {
    /// What the packager has decided, and the search list.
    fn go_through_system(&mut self, world: &World<'_>, wanted: Wanted) {
        let baked = world.default_path.map(PathBuf::from);
        self.go_through([Entry::new(Origin::BuiltIn, "CACERTS_DEFAULT_PATH", baked)]);

        let is_over = wanted == Wanted::Decision && !self.chosen.is_empty();
        let search_paths = if is_over { &[] } else { world.search_paths };
        for path in search_paths.iter().map(PathBuf::from) {
            let out = if world.default_path.is_some() {
                Some(Outcome::NotSearched)
            } else if self.chosen.is_empty() && !(world.exists)(&path) {
                Some(Outcome::NotFound)
            } else {
                None
            };
            let entry = Entry::new(Origin::Search, "CACERTS_SEARCH_PATHS", Some(path));
            self.go_through([Entry { out, ..entry }]);
        }
    }

    fn go_through<const N: usize>(&mut self, level: [Entry; N]) {
        let decided = !self.chosen.is_empty();
        for entry in level {
            let outcome = entry.outcome(decided);
            let Entry { origin, setting, config, paths, expects, .. } = entry;
            let mut paths = paths.unwrap_or_default();
            if origin != Origin::Argument {
                paths.retain(|path| !path.as_os_str().is_empty());
            }
            if outcome == Outcome::Chosen {
                self.chosen.extend(paths.iter().map(|path| Source {
                    path: path.clone(),
                    origin,
                    setting,
                    config: config.clone(),
                    expects,
                    peers: self.peers,
                    alternatives: String::new(),
                }));
            }
            let setting = setting.to_owned();
            self.candidates.push(Candidate { origin, setting, config, paths, outcome });
        }
    }
}

/// What is trusted in addition: what each layer names, whichever decides on the store.
pub(super) fn extra(asked: Asked<'_>, peers: Peers) -> Result<Vec<Source>, Error> {
    let source = |path: PathBuf, origin, setting, config| Source {
        path,
        origin,
        setting,
        config,
        expects: Expects::Either,
        peers,
        alternatives: String::new(),
    };
    let mut sources = Vec::new();
    for (path, named) in asked.extra_arguments() {
        sources.push(source(path.clone(), Origin::Argument, named.name, None));
    }
    if let Some((path, named)) = asked.variable(Setting::ExtraCaCerts) {
        sources.push(source(path.into(), Origin::Environment, named.name, None));
    }
    for config in asked.configs() {
        let name = config.named(Setting::ExtraCaCerts).name;
        for path in &config.layer.extra_ca_certs {
            sources.push(source(path.clone(), Origin::Config, name, config.file.clone()));
        }
    }
    usable(sources, asked)
}

/// Checks what can be checked of a path without looking at the file system, and expands `~` where
/// a configuration file names it.
fn usable(mut sources: Vec<Source>, asked: Asked<'_>) -> Result<Vec<Source>, Error> {
    for source in &mut sources {
        source.path = asked.written_path(&source.path, source.named())?;
    }
    Ok(sources)
}

/// The settings with which a user can name another store.
fn alternatives(asked: Asked<'_>, peers: Peers) -> String {
    let flag = asked.flag(Setting::CaCerts);
    let variables = asked.variables(Setting::CaCerts);
    let general = match peers {
        Peers::Servers => Some(CERT_FILE),
        Peers::Clients => Some(Setting::CaCerts.key()).filter(|_| flag.is_none()),
    };
    let mut names = Vec::from_iter(flag);
    names.extend(variables);
    names.extend(general);
    names.join(" or ")
}

fn no_client_ca(alternatives: &str) -> Error {
    Error::new(
        ErrorKind::NoStore,
        format!(
            "no CA is named whose clients may connect: name one with {alternatives} (extra_ca_certs can \
             only add to it); for a server the system's store is never taken, nor what SSL_CERT_FILE names"
        ),
    )
}

fn no_store(candidates: &[Candidate], alternatives: &str) -> Error {
    let searched: Vec<_> = candidates
        .iter()
        .filter(|c| c.outcome == Outcome::NotFound)
        .flat_map(|c| &c.paths)
        .map(|path| shown::path(path))
        .collect();
    let (searched, install) = match (searched.as_slice(), defaults::CACERTS_PACKAGE) {
        ([], _) => ("and the search list is empty".to_owned(), String::new()),
        (paths, package) => (
            format!("and none of these exists: {}", paths.join(", ")),
            package.map(|p| format!("install the package {p}, or ")).unwrap_or_default(),
        ),
    };
    Error::new(
        ErrorKind::NoStore,
        format!(
            "there is no CA store to trust: none is built in (CACERTS_DEFAULT_PATH) or set, \
             {searched}; {install}name one with {alternatives}"
        ),
    )
}
