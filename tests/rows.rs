//! `tests/rows`, the table of the behaviours that this project takes over: what counts as a test of one,
//! and what becomes of one without.

#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

/// The lines that are not about missing rows, and whether the script is content.
fn table(log: &str, name: &str) -> (Vec<String>, bool) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, log).expect("a log");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rows");
    let run = Command::new(script).arg(&file).output().expect("the script runs");
    let text = String::from_utf8(run.stdout).expect("text");
    // Behind two lines that say what the letters stand for.
    assert_eq!(text.lines().count(), 67, "{text}");
    let told = text.lines().skip(2).filter(|line| !line.contains("no test of it has run"));
    (told.map(str::to_owned).collect(), run.status.success())
}

/// A log in which every row has passed.
fn complete() -> String {
    [('k', 17), ('l', 12), ('r', 10), ('b', 10), ('o', 15)]
        .iter()
        .flat_map(|(letter, rows)| (1..=*rows).map(move |row| (letter, row)))
        .map(|(letter, row)| format!("test system::{letter}{row}_does_it ... ok\n"))
        .collect()
}

#[test]
fn rows_are_read_from_names_and_titles() {
    let log = "\
        running 5 tests\n\
        test kamaki::k6_warns ... ok\n\
        test kamaki::k6_ignore_ssl_opens_no_ca_file ... ok\n\
        test kamaki::k6_warns ... ok\n\
        test k1_at_the_top - should panic ... ok\n\
        test openstack::o2_o3_insecure_beats_cacert ... FAILED\n\
        test bcfg2::b1_not_run ... ignored\n\
        test bundle::b4_u64 ... unknown\n\
        test src/lib.rs - settings (line 9) ... ok\n\
        ok - trixie: no row's\n\
        ok - K3: trixie: it pulls ca-certificates (really)\n\
        ok - K17: one\n\
        FAILED - K17: another\n\
        ok - K6: a script's\n";
    let (told, content) = table(log, "rows-read.log");
    let expected = [
        "K1   ok        at the top",
        "K3   ok        trixie: it pulls ca-certificates (really)",
        "K6   ok        ignore ssl opens no ca file (and 2 more)",
        "K17  FAILED    another (and 1 more)",
        "O2   FAILED    insecure beats cacert",
        "O3   FAILED    insecure beats cacert",
        "64 rows: 3 ok, 61 failed or missing, 0 left out",
    ];
    assert_eq!((told, content), (expected.map(str::to_owned).into(), false));
}

#[test]
fn only_a_complete_table_is_a_success() {
    let complete = complete();
    let last = |log: &str| {
        let (mut told, content) = table(log, "rows-complete.log");
        (told.pop().expect("a sum"), content)
    };
    assert_eq!(last(&complete), ("64 rows: 64 ok, 0 failed or missing, 0 left out".into(), true));
    // In one configuration it passes, in another it does not.
    let failed = complete.clone() + "test system::l5_does_it ... FAILED\n";
    assert_eq!(last(&failed), ("64 rows: 63 ok, 1 failed or missing, 0 left out".into(), false));
    let missing = complete.replace("test system::o13_", "test system::");
    assert_eq!(last(&missing), ("64 rows: 63 ok, 1 failed or missing, 0 left out".into(), false));
    let left_out = missing + "LEFT OUT - clean roots, because they need root\n";
    assert_eq!(last(&left_out), ("64 rows: 63 ok, 0 failed or missing, 1 left out".into(), true));
    // A misspelt name is no test of anything.
    let unknown = complete + "test system::k18_does_it ... ok\n";
    assert_eq!(last(&unknown), ("64 rows: 64 ok, 0 failed or missing, 0 left out".into(), false));
}
