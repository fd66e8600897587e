//! What odd files come to, here and with others: writes the table of them anew, and compares it with
//! the one in the documentation, `docs/odd-files.md`.
//!
//! It passes without the others installed; then only what cacerts does is compared. Where one of them
//! is of another version than the table's, its column is not compared either, and that is said.
//! With `ODD_FILES=write` the table is written; with `ODD_FILES_INTO=DIRECTORY` the files are.

#![cfg(target_os = "linux")]

mod cases;
mod peers;
mod special;
mod table;

use cases::{Authority, cases};
use peers::{Answer, Peer, Servers};
use special::LIMIT;
use std::io::{self, Write};
use std::path::Path;
use std::{env, fs};
use table::{Column, Table};
use tempfile::TempDir;

const AGAIN: &str = "ODD_FILES=write cargo test --features cli --test odd-files";

#[test]
fn the_table_is_right() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/odd-files.md");
    let write = env::var_os("ODD_FILES").is_some_and(|value| value == "write");
    let committed = fs::read_to_string(path).unwrap_or_default();
    let old = Table::read(&committed);
    let directory = TempDir::new().unwrap();
    let authorities = Authority::three();
    let servers = Servers::new(directory.path(), &authorities);

    let columns: Vec<_> = Peer::ALL.into_iter().map(|peer| column(peer, &old, write)).collect();
    let row = |name: &str, holds, ask: &dyn Fn(Peer) -> Answer| {
        let cell = |column: &Column| {
            if column.asked {
                ask(column.peer).cell(holds)
            } else {
                old.cell(name, column.peer).unwrap_or("?").to_owned()
            }
        };
        columns.iter().map(cell).collect::<Vec<_>>()
    };
    let mut table = Table::new(&columns);
    for case in cases(&authorities) {
        let file = directory.path().join("ca.pem");
        fs::write(&file, &case.content).unwrap();
        let cells = row(case.name, case.holds, &|peer| peer.ask(&file, &servers, LIMIT));
        table.add(case.name, case.holds, cells, &peers::own(&file, &servers));
    }
    for case in special::cases(directory.path(), &authorities) {
        let ask = |peer: Peer| case.meet(|file| peer.ask(file, &servers, case.limit));
        let cells = row(case.name, case.holds, &ask);
        table.add(case.name, case.holds, cells, &case.meet(|file| peers::own(file, &servers)));
    }

    let text = table.text();
    if write {
        fs::write(path, text).unwrap();
        return;
    }
    for (old, new) in committed.lines().zip(text.lines()) {
        assert_eq!(old, new, "docs/odd-files.md differs; to write it again: {AGAIN}");
    }
    assert_eq!(committed, text, "docs/odd-files.md differs; to write it again: {AGAIN}");
}

/// Whether a peer is asked: the one that is installed, if the table speaks of the same version or is
/// being written. Otherwise its column stays as it is.
fn column(peer: Peer, old: &Table, write: bool) -> Column {
    let installed = peer.version();
    match (installed, old.version(peer)) {
        (Some(version), old) if write || old == Some(&version) => {
            Column { peer, version, asked: true }
        }
        (installed, old) => {
            let here = installed.map(|version| format!("{version} is installed"));
            let here = here.as_deref().unwrap_or("it is not installed");
            let version = old.unwrap_or("?").to_owned();
            // Not captured, as what the macros print is.
            writeln!(
                io::stderr(),
                "LEFT OUT - odd files: {} {version}, because {here}",
                peer.name()
            )
            .ok();
            Column { peer, version, asked: false }
        }
    }
}

/// Leaves the files where somebody wants them: as seeds for the fuzz target, or to look at.
#[test]
fn the_files_can_be_had() {
    let directory = TempDir::new().unwrap();
    let wanted = env::var_os("ODD_FILES_INTO");
    let into = wanted.as_deref().map(Path::new).unwrap_or_else(|| directory.path());
    fs::create_dir_all(into).unwrap();
    for (number, case) in cases(&Authority::three()).into_iter().enumerate() {
        fs::write(into.join(format!("{number:02}.pem")), case.content).unwrap();
    }
    assert!(into.join("00.pem").exists());
}
