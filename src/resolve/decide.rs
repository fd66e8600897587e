//! The decision which store is trusted. It is pure: the environment is passed in, and the only
//! thing it asks of the file system is whether a path of the search list exists.

use crate::defaults;
use crate::error::{Error, ErrorKind};
use crate::process;
use crate::resolve::{Candidate, Expects, Origin, Outcome, Source};
use crate::settings::{Place, Settings};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const CERT_FILE: &str = "SSL_CERT_FILE";
const CERT_DIR: &str = "SSL_CERT_DIR";

/// What the decision depends on beside the settings.
pub(crate) struct World<'a> {
    pub(crate) variable: &'a dyn Fn(&str) -> Option<OsString>,
    pub(crate) exists: &'a dyn Fn(&Path) -> bool,
    /// Asked only where it matters, because asking costs system calls.
    pub(crate) privileged: &'a dyn Fn() -> bool,
    pub(crate) default_path: Option<&'a str>,
    pub(crate) search_paths: &'a [&'a str],
}

impl World<'_> {
    pub(crate) const REAL: World<'static> = World {
        variable: &|name| std::env::var_os(name),
        // What may not be looked at may be there: then it decides, and ends in an error.
        exists: &|path| path.try_exists().unwrap_or(true),
        privileged: &process::is_privileged,
        default_path: defaults::CACERTS_DEFAULT_PATH,
        search_paths: defaults::CACERTS_SEARCH_PATHS,
    };
}

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
pub(super) fn decide(settings: &Settings, world: &World<'_>, wanted: Wanted) -> Decision {
    let mut levels = Levels::default();

    let flag = settings.name("ca_certs", Place::Argument);
    levels.go_through([Entry::new(Origin::Argument, flag, settings.argument.ca_certs.clone())]);

    if let Some(name) = &settings.variable {
        levels.go_through([Entry::variable(name, Expects::Either, world)]);
    }
    // Either of the two replaces what is below; they never replace each other.
    levels.go_through([
        Entry::variable(CERT_FILE, Expects::File, world),
        Entry::variable(CERT_DIR, Expects::Directory, world),
    ]);

    for config in &settings.config {
        let mut entry = Entry::new(Origin::Config, "ca_certs", config.layer.ca_certs.clone());
        entry.config.clone_from(&config.file);
        levels.go_through([entry]);
    }

    let baked = world.default_path.map(PathBuf::from);
    levels.go_through([Entry::new(Origin::BuiltIn, "CACERTS_DEFAULT_PATH", baked)]);

    let is_over = wanted == Wanted::Decision && !levels.chosen.is_empty();
    let search_paths = if is_over { &[] } else { world.search_paths };
    for path in search_paths.iter().map(PathBuf::from) {
        let out = if world.default_path.is_some() {
            Some(Outcome::NotSearched)
        } else if levels.chosen.is_empty() && !(world.exists)(&path) {
            Some(Outcome::NotFound)
        } else {
            None
        };
        let entry = Entry::new(Origin::Search, "CACERTS_SEARCH_PATHS", Some(path));
        levels.go_through([Entry { out, ..entry }]);
    }

    let Levels { candidates, mut chosen } = levels;
    let alternatives = alternatives(settings);
    for source in &mut chosen {
        source.alternatives.clone_from(&alternatives);
    }
    let sources = if chosen.is_empty() {
        Err(no_store(&candidates, &alternatives))
    } else {
        usable(chosen, world)
    };
    Decision { candidates, sources }
}

/// One setting of a level, before it is known what becomes of it.
struct Entry {
    origin: Origin,
    setting: String,
    config: Option<PathBuf>,
    /// `None` where it is not set.
    paths: Option<Vec<PathBuf>>,
    expects: Expects,
    /// Why it is out of the question, whatever it names.
    out: Option<Outcome>,
}

impl Entry {
    fn new(origin: Origin, setting: &str, path: Option<PathBuf>) -> Self {
        let paths = path.map(|path| vec![path]);
        let setting = setting.to_owned();
        Self { origin, setting, config: None, paths, expects: Expects::Either, out: None }
    }

    fn variable(name: &str, expects: Expects, world: &World<'_>) -> Self {
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
#[derive(Default)]
struct Levels {
    candidates: Vec<Candidate>,
    chosen: Vec<Source>,
}

impl Levels {
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
                    setting: setting.clone(),
                    config: config.clone(),
                    expects,
                    alternatives: String::new(),
                }));
            }
            self.candidates.push(Candidate { origin, setting, config, paths, outcome });
        }
    }
}

/// What is trusted in addition: what each layer names, whichever decides on the store.
pub(super) fn extra(settings: &Settings, world: &World<'_>) -> Result<Vec<Source>, Error> {
    let argument = (Origin::Argument, None, &settings.argument);
    let config = settings.config.iter().map(|c| (Origin::Config, c.file.clone(), &c.layer));
    let sources = [argument].into_iter().chain(config).flat_map(|(origin, config, layer)| {
        let place = if origin == Origin::Argument { Place::Argument } else { Place::Config(None) };
        let setting = settings.name("extra_ca_certs", place);
        layer.extra_ca_certs.iter().map(move |path| Source {
            path: path.clone(),
            origin,
            setting: setting.to_owned(),
            config: config.clone(),
            expects: Expects::Either,
            alternatives: String::new(),
        })
    });
    usable(sources.collect(), world)
}

/// Checks what can be checked of a path without looking at the file system, and expands `~` where
/// a configuration file names it.
fn usable(mut sources: Vec<Source>, world: &World<'_>) -> Result<Vec<Source>, Error> {
    for source in &mut sources {
        source.path = written_path(&source.path, source.place(), &source.setting, world)?;
    }
    Ok(sources)
}

/// The path that a setting means. In a configuration file it is absolute or begins with `~/`,
/// because nobody can say relative to what; anywhere else it is taken as it stands.
pub(crate) fn written_path(
    path: &Path,
    place: Place<'_>,
    setting: &str,
    world: &World<'_>,
) -> Result<PathBuf, Error> {
    let refuse = |why: &str| {
        let who = place.describe(setting);
        let message = format!("{who} {why}");
        Err(Error::new(ErrorKind::InvalidSetting, message).with_setting(setting).with_path(path))
    };
    if path.as_os_str().is_empty() {
        return refuse("is empty; give a path, or leave it out");
    }
    if let Place::Argument = place {
        return Ok(path.to_owned());
    }
    if let Ok(rest) = path.strip_prefix("~") {
        // The caller chooses HOME, so a privileged process does not go by it.
        return match (world.variable)("HOME").filter(|home| Path::new(home).is_absolute()) {
            Some(home) if !(world.privileged)() => Ok(Path::new(&home).join(rest)),
            _ => refuse(&format!(
                "is {}, and there is no home directory to go by; write the path out",
                path.display()
            )),
        };
    }
    if path.is_absolute() {
        return Ok(path.to_owned());
    }
    refuse(&format!("is the relative path {}; write an absolute one, or ~/...", path.display()))
}

/// The settings with which a user can name another store.
fn alternatives(settings: &Settings) -> String {
    let flag = Some(settings.name("ca_certs", Place::Argument)).filter(|flag| *flag != "ca_certs");
    let own = [flag, settings.variable.as_deref()];
    let names: Vec<_> = own.into_iter().flatten().chain([CERT_FILE]).collect();
    names.join(" or ")
}

fn no_store(candidates: &[Candidate], alternatives: &str) -> Error {
    let searched: Vec<_> = candidates
        .iter()
        .filter(|c| c.outcome == Outcome::NotFound)
        .flat_map(|c| &c.paths)
        .map(|path| path.display().to_string())
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
