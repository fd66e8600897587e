//! The `cargo cacerts` command: cargo, with the drop-ins in the place of what decides trust in
//! somebody else's program.
//!
//! ```text
//! args       what of the command line is ours
//!  -> path       the store that the program is to trust
//!  -> carried    the library and the drop-ins, as they are in this binary
//!  -> workspace  where the program is, and where there is room
//!  -> kept       Cargo.lock, as it was before
//!  -> lock       which of the originals are in it (pure)
//!  -> drop_in    writes out what takes their place
//!  -> graph      lets cargo resolve, and looks at what it has resolved
//!  -> run        starts cargo, or another tool that starts cargo
//!  -> ready      all of this, as every way begins with it
//!  -> install, package, shim    the ways that are not the usual one
//! ```
//!
//! Whatever the program has to say goes where cargo lets it; our own messages go to standard error.

#[cfg(unix)]
mod args;
#[cfg(unix)]
#[path = "../../bake/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the rest is for the build script only")]
mod bake;
#[cfg(unix)]
mod cargo;
#[cfg(unix)]
mod carried;
#[cfg(unix)]
mod drop_in;
#[cfg(unix)]
#[path = "../cacerts/inspect/elf.rs"]
#[allow(dead_code, reason = "which libraries a program is linked with is told by inspect only")]
mod elf;
#[cfg(unix)]
mod failure;
#[cfg(unix)]
mod flow;
#[cfg(unix)]
mod graph;
#[cfg(unix)]
mod install;
#[cfg(unix)]
mod kept;
#[cfg(unix)]
mod lock;
#[cfg(unix)]
#[path = "../cacerts/inspect/note.rs"]
#[allow(dead_code, reason = "what is said of them is for inspect only")]
mod note;
#[cfg(unix)]
#[path = "../cacerts/inspect/notes.rs"]
mod notes;
#[cfg(unix)]
mod package;
#[cfg(unix)]
mod path;
#[cfg(unix)]
mod ready;
#[cfg(unix)]
mod run;
#[cfg(unix)]
mod shim;
#[cfg(unix)]
#[path = "../../shown.rs"]
mod shown;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod workspace;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    match flow::main() {
        Ok(status) => failure::exit_as(status),
        Err(failure) => failure.report(),
    }
}

#[cfg(not(unix))]
fn main() -> std::process::ExitCode {
    eprintln!("cargo cacerts: the drop-ins are for Unix systems; build there");
    std::process::ExitCode::from(2)
}
