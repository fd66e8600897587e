//! `cargo cacerts deb` and `generate-rpm`: what is packed was built with the drop-ins, and the
//! package depends on what provides the store. It may use all that `flow` uses for a program.

use crate::args::{Words, absolute};
use crate::cargo::Cargo;
use crate::failure::{Failure, message};
use crate::graph::Resolving;
use crate::kept::Kept;
use crate::path::Decided;
use crate::run::Running;
use crate::workspace::{Place, Workspace};
use object::read::elf::{ElfFile, FileHeader};
use object::{Endianness, FileKind};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::SystemTime;
use toml_edit::DocumentMut;

pub(crate) fn package(
    cargo: &Cargo,
    words: &Words,
    decided: &Decided,
) -> Result<ExitStatus, Failure> {
    let workspace = Workspace::find(cargo, words, words.manifest_path())?;
    let place = Place::open(&workspace)?;
    let kept = Kept::take(&workspace, &place, cargo.has_lockfile_path())?;
    let locked = words.locked();
    let resolving =
        Resolving { cargo, words, workspace: &workspace, place: &place, decided, locked };
    let replaced = resolving.resolve(&kept)?;
    let builds = words.subcommand == "deb" && !words.has(&["--no-build"]);
    if !builds && !replaced.is_empty() {
        look_at_programs(&workspace, words, decided)?;
    }
    let start = SystemTime::now();
    let running = Running { cargo, workspace: &workspace, place: &place, decided };
    let (status, lines) = running.run_reading(words)?;
    if !status.success() {
        return Ok(status);
    }
    if builds && !replaced.is_empty() {
        look_at_programs(&workspace, words, decided)?;
    }
    let packages: Vec<_> = match words.subcommand.as_str() {
        "deb" => lines.iter().filter(|line| line.ends_with(".deb")).map(PathBuf::from).collect(),
        _ => rpms(&workspace, words, start),
    };
    for package in packages {
        look_at_package(&package, decided);
    }
    Ok(status)
}

/// Refuses programs that were not built with the drop-ins, or for another store.
fn look_at_programs(
    workspace: &Workspace,
    words: &Words,
    decided: &Decided,
) -> Result<(), Failure> {
    let mut directory = workspace.target.clone();
    directory.extend(words.values(&["--target"]).pop());
    let profile = words.values(&["--profile"]).pop().map(|p| p.to_string_lossy().into_owned());
    directory.push(match profile.as_deref() {
        None => "release",
        Some("dev" | "test") => "debug",
        Some("bench") => "release",
        Some(profile) => profile,
    });
    let wanted = words.values(&["-p", "--package"]);
    let mut programs = Vec::new();
    for package in &workspace.packages {
        if !wanted.is_empty()
            && !wanted.iter().any(|name| package["name"].as_str() == name.to_str())
        {
            continue;
        }
        let targets = package["targets"].as_array().into_iter().flatten();
        let names = targets.filter(|target| target["kind"][0] == "bin");
        let paths = names.filter_map(|name| Some(directory.join(name["name"].as_str()?)));
        programs.extend(paths.filter(|path| path.is_file()));
    }
    let mut without = Vec::new();
    for program in &programs {
        let notes = notes(program)?;
        if notes.is_empty() {
            without.push(program.display().to_string());
        }
        for path in notes.into_iter().flatten().filter(|path| *path != decided.path) {
            return Err(Failure::left(format_args!(
                "{} was built for the store {path}, not {}: build it again, by cargo cacerts build \
                 --release",
                program.display(),
                decided.path
            )));
        }
    }
    if without.is_empty() {
        return Ok(());
    }
    let names = without.join(", ");
    if without.len() < programs.len() {
        // Beside another that is right: it may well have no TLS in it.
        message(format_args!(
            "warning: {names}: no drop-in is in it; right for a program that trusts nobody"
        ));
        return Ok(());
    }
    Err(Failure::left(format_args!(
        "{names} was built without the drop-ins (it has no note of theirs): build it by cargo \
         cacerts build --release"
    )))
}

/// The paths in the notes of a program, one for each note that has one.
fn notes(program: &Path) -> Result<Vec<Option<String>>, Failure> {
    use object::elf::{FileHeader32, FileHeader64};
    let failed = |what: &str| Failure::file(program, "cannot be read", what);
    let bytes = fs::read(program).map_err(|e| failed(&e.to_string()))?;
    let texts = match FileKind::parse(&*bytes) {
        Ok(FileKind::Elf32) => texts::<FileHeader32<Endianness>>(&bytes),
        Ok(FileKind::Elf64) => texts::<FileHeader64<Endianness>>(&bytes),
        _ => return Err(failed("it is no ELF file")),
    };
    let texts = texts.map_err(|e| failed(&e.to_string()))?;
    let path = |text: &String| {
        let note: DocumentMut = text.trim_end_matches('\0').parse().ok()?;
        Some(note.get("CACERTS_DEFAULT_PATH")?.as_str()?.to_owned())
    };
    Ok(texts.iter().map(path).collect())
}

/// The descriptions of the notes whose owner is `cacerts`.
fn texts<'data, Elf: FileHeader<Endian = Endianness>>(
    bytes: &'data [u8],
) -> object::Result<Vec<String>> {
    use object::read::elf::SectionHeader;
    let file = ElfFile::<'data, Elf>::parse(bytes)?;
    let endian = file.endian();
    let sections = file.elf_section_table();
    let Some((_, section)) = sections.section_by_name(endian, b".note.cacerts") else {
        return Ok(Vec::new());
    };
    let Some(mut notes) = section.notes(endian, bytes)? else { return Ok(Vec::new()) };
    let mut texts = Vec::new();
    while let Some(note) = notes.next()? {
        if note.name() == b"cacerts" {
            texts.push(String::from_utf8_lossy(note.desc()).into_owned());
        }
    }
    Ok(texts)
}

/// The packages that are newer than the start, where cargo-generate-rpm writes them.
fn rpms(workspace: &Workspace, words: &Words, start: SystemTime) -> Vec<PathBuf> {
    let output = words.values(&["-o", "--output"]).pop().map(absolute);
    let output = output.unwrap_or_else(|| {
        let mut usual = workspace.target.clone();
        usual.extend(words.values(&["--target"]).pop());
        usual.join("generate-rpm")
    });
    if output.is_file() {
        return vec![output];
    }
    let files = fs::read_dir(output).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_new = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "rpm")
            && fs::metadata(path).and_then(|m| m.modified()).is_ok_and(|time| time >= start)
    };
    files.filter(is_new).collect()
}

/// Says so where a package does not depend on what provides the store.
fn look_at_package(package: &Path, decided: &Decided) {
    let Some(provider) = &decided.package else { return };
    let (tool, options, setting) = match package.extension().is_some_and(|e| e == "deb") {
        true => ("dpkg-deb", &["-f"][..], "depends in [package.metadata.deb]"),
        false => ("rpm", &["-qp", "--requires"][..], "[package.metadata.generate-rpm.requires]"),
    };
    let mut command = Command::new(tool);
    command.args(options).arg(package);
    if tool == "dpkg-deb" {
        command.args(["Pre-Depends", "Depends"]);
    }
    let name = package.display();
    let output = match command.output() {
        Ok(output) if output.status.success() => output,
        _ => {
            message(format_args!(
                "warning: {name}: {tool} is needed to see whether it depends on {provider}, which \
                 provides {}",
                decided.path
            ));
            return;
        }
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let mut words = text.split(|c: char| c.is_whitespace() || ",|(:".contains(c));
    if !words.any(|word| word == provider) {
        message(format_args!(
            "warning: {name} does not depend on {provider}, which provides {}: without it the \
             program trusts nobody; name it under {setting}",
            decided.path
        ));
    }
}
