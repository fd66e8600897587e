//! Programs that know nothing of cacerts, built as they are and with the drop-ins.

use crate::process::{Program, cargo};
use crate::table::Unit::Instructions;
use crate::table::{Table, Target};
use crate::{Bench, DROP_IN, Result, say};
use cacerts_benches::pki;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Those that make a request, with the most that each may take with the drop-ins.
const GETS: [(&str, &str, f64); 4] = [
    ("reqwest", "reqwest 0.13", 4.0e6),
    ("ureq-verifier", "ureq 3 with the platform verifier", 4.3e6),
    ("hyper-rustls", "hyper-rustls with native roots", 7.0e6),
    (EMBEDS, "ureq 3 as it comes", 7.0e6),
];
/// The one whose roots are embedded.
const EMBEDS: &str = "ureq";

const BY_DEFAULT: &str = "the same with the original crates";
const FILE_ONLY: &str = "the same with the original crates, file only";
const WITH_OURS: &str = "the same with the original webpki-roots and that root";

impl Bench {
    pub(crate) fn stacks(&self, table: &mut Table) -> Result<()> {
        say("building programs that know nothing of cacerts, with the drop-ins and without");
        let bundle = self.data.bundle_with_ours(&self.bundle)?;
        let stacks = self.build_stacks(&bundle)?;
        say("what they take");
        let file_only = |program: Program| program.variable("SSL_CERT_FILE", &bundle);
        let in_place = self.data.directory_with_ours(&self.bundle)?;
        let directory = in_place.parent().ok_or("the bundle is in no directory")?;
        let by_default = |program: Program| {
            program.variable("SSL_CERT_FILE", &in_place).variable("SSL_CERT_DIR", directory)
        };
        let (_server, port) = Program::ours("serve")?.start()?;
        let url = format!("https://127.0.0.1:{port}/");
        let count = |program: &Program| self.count(program, DROP_IN, 7);
        for (name, words, most) in GETS {
            let ours = stacks.with_drop_ins(name).with(&url);
            let theirs = stacks.original(name).with(&url);
            for (program, heeds_variables) in [(&ours, true), (&theirs, name != EMBEDS)] {
                let without = program.clone().variable("SSL_CERT_FILE", &self.bundle);
                if heeds_variables && without.succeeds()? {
                    return Err(format!("{words} trusts a server that it must not trust").into());
                }
            }
            let peers = match name {
                EMBEDS => vec![(WITH_OURS, theirs)],
                _ => vec![(BY_DEFAULT, by_default(theirs.clone())), (FILE_ONLY, file_only(theirs))],
            };
            compare(table, &format!("{words}, one GET"), &ours, &peers, most, count)?;
        }
        let (ours, theirs) = (stacks.with_drop_ins("list"), stacks.original("list"));
        let peers = [(BY_DEFAULT, by_default(theirs.clone())), (FILE_ONLY, file_only(theirs))];
        compare(table, "load_native_certs() and no more", &ours, &peers, 3.0e6, count)
    }

    /// Builds them from the same lock file; what trusts the bundle has it baked in.
    fn build_stacks(&self, bundle: &Path) -> Result<Stacks> {
        let directory = self.data.directory().join("stacks");
        let stacks = Stacks(directory.clone());
        // Cargo takes it without a change to the lock file.
        let roots = format!("paths = [{:?}]", roots_with_ours(directory.join("webpki-roots"))?);
        let with_drop_ins = Program::debug("cargo-cacerts")?.into_path().into();
        for (cargo, options, target) in [
            (cargo(), vec!["--config", &roots], Stacks::ORIGINAL),
            (with_drop_ins, Vec::new(), Stacks::WITH_DROP_INS),
        ] {
            let mut command = command(cargo, "build");
            command.args(["--quiet", "--release"]).args(options);
            command.env("CACERTS_DEFAULT_PATH", bundle);
            command.env("CARGO_TARGET_DIR", directory.join(target));
            if !command.status()?.success() {
                return Err(format!("{command:?}: the programs cannot be built").into());
            }
        }
        Ok(stacks)
    }
}

/// Where they are built.
struct Stacks(PathBuf);

impl Stacks {
    const ORIGINAL: &'static str = "original";
    const WITH_DROP_INS: &'static str = "with-drop-ins";

    fn original(&self, name: &str) -> Program {
        self.program(Self::ORIGINAL, name)
    }

    fn with_drop_ins(&self, name: &str) -> Program {
        self.program(Self::WITH_DROP_INS, name)
    }

    fn program(&self, target: &str, name: &str) -> Program {
        Program::new(self.0.join(target).join("release").join(name))
    }
}

/// Holds a program to what its peers take. The last of them, which trusts the same file and nothing
/// beside it, has to have the same answer.
fn compare(
    table: &mut Table,
    what: &str,
    ours: &Program,
    peers: &[(&str, Program)],
    most: f64,
    count: impl Fn(&Program) -> Result<f64>,
) -> Result<()> {
    let answer = ours.output()?;
    if let Some((peer, program)) = peers.last() {
        let theirs = program.output()?;
        if theirs != answer {
            return Err(format!("{what}: {answer}, but {peer}: {theirs}").into());
        }
    }
    let ours = count(ours)?;
    let what = format!("{what}, instructions");
    for (place, (peer, program)) in peers.iter().enumerate() {
        let target = (place == 0).then_some(Target::Value(most));
        table.compare((&what, Instructions), (peer, count(program)?), ours, None, target);
    }
    Ok(())
}

/// Has cargo, or what takes its place, do something with the programs.
fn command(cargo: OsString, what: &str) -> Command {
    let mut command = Command::new(cargo);
    command.args([what, "--locked", "--offline"]);
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("stacks"));
    command
}

/// Makes a copy of the webpki-roots that the programs have, with the local server's root as one more:
/// no public root vouches for that server.
fn roots_with_ours(directory: PathBuf) -> Result<PathBuf> {
    let metadata = command(cargo(), "metadata").args(["--format-version", "1"]).output()?;
    let metadata = String::from_utf8(metadata.stdout)?;
    let is_manifest = |word: &&str| word.contains("/webpki-roots") && word.ends_with("/Cargo.toml");
    let manifest = metadata.split('"').find(is_manifest).ok_or("webpki-roots is not locked")?;
    let source = fs::read_to_string(Path::new(manifest).with_file_name("src").join("lib.rs"))?;
    let (roots, _) = source.trim_end().rsplit_once("];").ok_or("webpki-roots ends in no list")?;
    let source = format!(
        "{roots}TrustAnchor {{
    subject: Der::from_slice(&{:?}),
    subject_public_key_info: Der::from_slice(&{:?}),
    name_constraints: None,
}}];
",
        pki::ROOT.subject.as_ref(),
        pki::ROOT.subject_public_key_info.as_ref()
    );
    fs::create_dir_all(directory.join("src"))?;
    for (name, text) in [("Cargo.toml", fs::read_to_string(manifest)?), ("src/lib.rs", source)] {
        let path = directory.join(name);
        // What is as it was is not built anew.
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            fs::write(path, text)?;
        }
    }
    Ok(directory)
}
