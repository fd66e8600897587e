//! What every way of building begins with: the program is found, its Cargo.lock kept, and the
//! drop-ins put in place. It may use all before it.

use crate::args::Words;
use crate::cargo::Cargo;
use crate::failure::{Failure, message};
use crate::graph::Resolving;
use crate::kept::Kept;
use crate::lock::Package;
use crate::path::Decided;
use crate::run::Running;
use crate::workspace::{Place, Workspace};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A program with the drop-ins in place, for as long as this is there.
pub(crate) struct Ready<'a> {
    /// Let go in this order: Cargo.lock is put back while nobody else may begin.
    _kept: Kept,
    place: Place,
    pub(crate) workspace: Workspace,
    pub(crate) replaced: BTreeSet<Package>,
    cargo: &'a Cargo,
    decided: &'a Decided,
}

impl<'a> Ready<'a> {
    /// The program that is asked for by the options.
    pub(crate) fn make(
        cargo: &'a Cargo,
        words: &Words,
        decided: &'a Decided,
    ) -> Result<Self, Failure> {
        Self::of(cargo, words, decided, words.manifest_path(), false)
    }

    /// A folder's, resolved as `cargo install` would: without `--locked` as if there were no lock file.
    pub(crate) fn to_install(
        cargo: &'a Cargo,
        words: &Words,
        decided: &'a Decided,
        manifest: PathBuf,
    ) -> Result<Self, Failure> {
        Self::of(cargo, words, decided, Some(manifest), true)
    }

    fn of(
        cargo: &'a Cargo,
        words: &Words,
        decided: &'a Decided,
        manifest: Option<PathBuf>,
        installs: bool,
    ) -> Result<Self, Failure> {
        let mut workspace = Workspace::find(cargo, words, manifest)?;
        let place = Place::open(&workspace)?;
        // `cargo install` knows of no other place for it.
        let elsewhere = !installs && cargo.has_lockfile_path();
        if elsewhere {
            let path = cargo.lockfile_path(&words.resolving())?;
            workspace.lock_file = path.unwrap_or(workspace.lock_file);
        }
        let kept = Kept::take(&workspace, &place, elsewhere)?;
        let locked = words.locked() && !(installs && kept.before.is_none());
        if installs && !locked {
            kept.forget()?;
        }
        let resolving =
            Resolving { cargo, words, workspace: &workspace, place: &place, decided, locked };
        let replaced = resolving.resolve(&kept)?;
        if !words.is_quiet() {
            tell(&replaced, decided);
        }
        Ok(Self { _kept: kept, place, workspace, replaced, cargo, decided })
    }

    pub(crate) fn running(&self) -> Running<'_> {
        let Self { cargo, workspace, place, decided, .. } = self;
        Running { cargo, workspace, place, decided }
    }
}

/// Says what is in place.
fn tell(replaced: &BTreeSet<Package>, decided: &Decided) {
    if replaced.is_empty() {
        message("no drop-ins: the program has none of the crates that they replace");
        return;
    }
    let names: Vec<_> = replaced.iter().map(Package::to_string).collect();
    message(format_args!("drop-ins for {}: the store is {}", names.join(", "), decided.path));
}
