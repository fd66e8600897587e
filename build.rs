//! Reads the maintainer's settings, hands them to `bake`, writes what it gives back. No logic here.
//! For `cargo cacerts`, it also lists the files that this command carries.

#[path = "src/bake/mod.rs"]
mod bake;

use std::path::{Path, PathBuf};
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

    if env::var_os("CARGO_FEATURE_REQUIRE_PATH").is_some() {
        defaults.require_path(windows)?;
    }
    for line in defaults.build_log() {
        println!("{line}");
    }
    write("defaults.rs", &defaults.render())?;
    if env::var_os("CARGO_FEATURE_CLI").is_some() {
        write("carried.rs", &carried()?)
    } else {
        Ok(())
    }
}

fn write(name: &str, text: &str) -> Result<(), bake::Error> {
    let out = Path::new(&env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join(name);
    fs::write(&out, text)
        .map_err(|e| bake::Error::new(out.display(), format_args!("cannot be written: {e}")))
}

/// A list of the library's sources and the drop-ins, each file with its bytes.
fn carried() -> Result<String, bake::Error> {
    let mut files = vec!["Cargo.toml".into(), "build.rs".into(), bake::SHIPPED.into()];
    // A part of the library's documentation.
    files.push("docs/odd-files.md".into());
    for directory in ["src", "packaging/drop-in"] {
        walk(Path::new(directory), &mut files)?;
    }
    let name = |file: PathBuf| file.into_os_string().into_string();
    let files = files.into_iter().map(name).collect::<Result<Vec<_>, _>>();
    let mut files =
        files.map_err(|file| bake::Error::new(file.to_string_lossy(), "is not UTF-8"))?;
    files.sort();
    // For what is added; a source of the library is named in another.
    println!("cargo::rerun-if-changed=packaging/drop-in");
    let mut list = "&[\n".to_owned();
    for file in &files {
        println!("cargo::rerun-if-changed={file}");
        list += &format!(
            "({file:?}, include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?}))),\n",
            format!("/{file}")
        );
    }
    Ok(list + "]\n")
}

/// All files below, without the commands and the tests.
fn walk(directory: &Path, files: &mut Vec<PathBuf>) -> Result<(), bake::Error> {
    let failed = |e| bake::Error::new(directory.display(), format_args!("cannot be listed: {e}"));
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if !path.is_dir() {
            files.push(path);
        } else if !path.ends_with("src/bin") && !path.ends_with("tests") {
            walk(&path, files)?;
        }
    }
    Ok(())
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
