//! `cacerts inspect` and what the linkers and strips of this machine make of a note. That of cc is there
//! wherever Rust is; of the others those that are installed.

use crate::support::User;
use crate::support::command::{Run, run};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// A library or a program with the note, as the compiler writes it.
const SOURCE: &str = r#"
asm(".pushsection .note.cacerts, \"a\", %note\n"
    ".balign 4\n"
    ".long 8, 2f - 1f, 0xcace0001\n"
    ".asciz \"cacerts\"\n"
    "1: .ascii \"CACERTS_DEFAULT_PATH = '/srv/tls/store.pem'\\n\"\n"
    "2: .balign 4\n"
    ".popsection\n");
int main(void) { return 0; }
"#;
const LINKERS: [&str; 4] = ["bfd", "gold", "lld", "mold"];
/// What is made, and how.
const FORMS: [(&str, &[&str]); 7] = [
    ("program", &[]),
    ("position-dependent", &["-no-pie"]),
    ("static", &["-static"]),
    ("static-pie", &["-static-pie"]),
    ("library", &["-shared", "-fPIC"]),
    ("collected", &["-Wl,--gc-sections", "-Wl,--as-needed", "-O2"]),
    ("without-sections-of-its-own", &["-Wl,--build-id=sha1", "-Wl,-z,noseparate-code"]),
];
const STRIPS: [(&str, &[&str]); 4] = [
    ("strip", &[]),
    ("strip", &["--strip-unneeded"]),
    ("llvm-strip", &["--strip-all"]),
    ("eu-strip", &[]),
];

#[test]
fn each_linker_and_each_strip_leaves_the_note_readable() {
    let user = User::new();
    let source = user.home().join("source.c");
    fs::write(&source, SOURCE).unwrap();
    let object = user.home().join("object.o");
    assert!(cc(&user, &["-c"], &source, &object), "cc compiles");
    let mut made = vec![object];
    for linker in LINKERS {
        for (form, options) in FORMS {
            let linked = user.home().join(format!("{linker}-{form}"));
            let with = format!("-fuse-ld={linker}");
            if cc(&user, &[&[with.as_str()], options].concat(), &source, &linked) {
                made.push(linked);
            } else {
                // What stays without a linker is known: only that of binutils is there everywhere.
                let needs_libc = form.starts_with("static");
                assert!(needs_libc || linker != "bfd", "{linker} makes a {form}");
            }
        }
    }
    assert!(made.len() > 4, "{made:?}");
    for linked in &made {
        is_read(&user, linked);
        for (number, (strip, options)) in STRIPS.into_iter().enumerate() {
            let stripped = linked.with_extension(number.to_string());
            let mut command = Command::new(strip);
            command.args(options).arg("-o").arg(&stripped).arg(linked);
            // Without its symbols an object file cannot be linked.
            let is_object = linked.ends_with("object.o");
            if !is_object && command.output().is_ok_and(|output| output.status.success()) {
                is_read(&user, &stripped);
            }
        }
    }
}

/// As cargo-auditable does it.
#[test]
fn the_list_of_crates_in_a_section_of_its_own_is_read() {
    let user = User::new();
    let [source, list, linked] = ["source.c", "list", "linked"].map(|name| user.home().join(name));
    let json = br#"{"packages":[{"name":"webpki-roots","version":"1.0.2","source":"crates.io"}]}"#;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(json).unwrap();
    fs::write(&list, encoder.finish().unwrap()).unwrap();
    let section = format!(
        "asm(\".pushsection .dep-v0, \\\"\\\"\\n.incbin \\\"{}\\\"\\n.popsection\");{SOURCE}",
        list.display()
    );
    fs::write(&source, section).unwrap();
    assert!(cc(&user, &[], &source, &linked), "cc compiles");
    let run = user.cacerts(&["inspect"]).arg(&linked).run();
    let said = "trusts /srv/tls/store.pem; built with webpki-roots 1.0.2";
    assert_eq!(run.stdout, format!("{}: {said}\n", linked.display()));
}

/// A compiler that has not got this linker, or no static C library, says so.
fn cc(user: &User, options: &[&str], source: &Path, made: &Path) -> bool {
    let mut command = Command::new("cc");
    command.args(options).arg("-o").arg(made).arg(source).env("TMPDIR", user.home());
    let Run { code, .. } = run(&mut command);
    code == Some(0)
}

fn is_read(user: &User, file: &Path) {
    let run = user.cacerts(&["inspect", "--expect", "/srv/tls/store.pem"]).arg(file).run();
    let said = format!("{}: trusts /srv/tls/store.pem\n", file.display());
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), said.as_str()), "{run:#?}");
}
