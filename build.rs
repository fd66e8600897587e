//! Reads the maintainer's settings, hands them to `bake`, writes what it gives back. No logic here.

#[path = "src/bake/mod.rs"]
mod bake;

use std::path::Path;
use std::{env, fs};

fn main() {
    if let Err(error) = run() {
        // One line, and cargo stops the build.
        println!("cargo::error={error}");
    }
}

fn run() -> Result<(), bake::Error> {
    bake::in_vain().for_each(watch_variable);
    bake::refuse_in_vain(&variables_set())?;
    let shipped = tracked_file(bake::SHIPPED, bake::SHIPPED.as_ref())?;
    let own = match tracked_variable(bake::OWN_FILE)? {
        Some(path) => Some(tracked_file(&bake::own_file_name(&path)?, path.as_ref())?),
        None => None,
    };
    let variable = tracked_variable(bake::DEFAULT_PATH)?;
    let windows = env::var_os("CARGO_CFG_WINDOWS").is_some();

    let defaults = bake::bake(&shipped, own.as_ref(), variable.as_deref(), windows)?;

    for line in defaults.build_log() {
        println!("{line}");
    }
    let out = Path::new(&env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("defaults.rs");
    fs::write(&out, defaults.render())
        .map_err(|e| bake::Error::new(out.display(), format_args!("cannot be written: {e}")))
}

/// Reads a file and makes cargo watch it.
fn tracked_file(name: &str, path: &Path) -> Result<bake::File, bake::Error> {
    println!("cargo::rerun-if-changed={}", path.display());
    // Asked before it is opened: a FIFO would wait for ever.
    let bytes = match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => Err("is not a file".to_owned()),
        _ => fs::read(path).map_err(|e| format!("cannot be read: {e}")),
    };
    let bytes = bytes.map_err(|why| {
        bake::Error::new(
            name,
            format_args!("{why}; it has to be a file with the keys of defaults.toml"),
        )
    })?;
    bake::File::new(name, bytes)
}

/// Reads a variable and makes cargo watch it. Empty counts as not set.
fn tracked_variable(name: &str) -> Result<Option<String>, bake::Error> {
    watch_variable(name);
    match env::var_os(name).map(|value| value.into_string()) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(value).filter(|value| !value.is_empty())),
        Some(Err(_)) => {
            Err(bake::Error::new(format_args!("${name}"), "is not UTF-8; write the path in UTF-8"))
        }
    }
}

fn watch_variable(name: &str) {
    println!("cargo::rerun-if-env-changed={name}");
}

/// The names of all variables that are set and not empty.
fn variables_set() -> Vec<String> {
    let set = env::vars_os().filter(|(_, value)| !value.is_empty());
    let names = set.map(|(name, _)| name.to_string_lossy().into_owned());
    // Windows finds a variable by its name in any case.
    names.map(|name| if cfg!(windows) { name.to_ascii_uppercase() } else { name }).collect()
}
