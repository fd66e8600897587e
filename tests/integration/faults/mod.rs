//! Each system call by which a store is read fails in turn, in every way in which the kernel lets it. What
//! comes of it is the right store, or an error that names the path; never a smaller or a wider one without
//! a word, and never a wait. `tests/faults/run` has all of it, and writes the table.

mod clock;
mod limits;
mod meanwhile;
mod mounted;
mod scenes;
mod strace;

use crate::support::command::{Run, text};
use crate::support::directory::Directory;
use crate::support::library::visit;
use crate::support::rejection::Ca;
use crate::support::{Identity, Server};
use cacerts::Settings;
use log::{LevelFilter, Log, Metadata, Record};
use rcgen::ExtendedKeyUsagePurpose;
use rustls::client::Resumption;
use scenes::Scene;
use std::env;
use std::error::Error;
use std::fs;
use std::sync::Arc;
use strace::{FAULTS, Fault, Traced};

/// What the program of the library is to do, and with whom.
const TASK: &str = "CACERTS_TEST_TASK";
const SERVERS: &str = "CACERTS_TEST_SERVERS_AT";
const SETTINGS: &str = "CACERTS_TEST_SETTINGS";

/// Set where strace has to be there; `whole` for every fault of every call, and not one of each.
const WANTED: &str = "CACERTS_TEST_FAULTS";

/// How many runs came to what.
#[derive(Default)]
struct Tally {
    calls: usize,
    right: usize,
    errors: usize,
    /// Less is trusted, or listed, and it is said what is missing, and why.
    told: usize,
}

/// What a program does with the store, as the table has it, and the arguments by which it does it.
type Program = (&'static str, Vec<String>);

#[test]
fn each_call_that_fails_is_told_of_or_makes_no_difference() {
    if !strace::is_wanted_and_there() {
        return;
    }
    let is_whole = env::var(WANTED).is_ok_and(|wanted| wanted == "whole");
    let mut wrong = Vec::new();
    for (name, make) in scenes::all() {
        let scene = make();
        let stage = Stage::of(&scene);
        for (what, program) in stage.programs(is_whole) {
            let tally = stage.try_all(name, what, &program, is_whole, &mut wrong);
            let Tally { calls, right, errors, told } = tally;
            println!("| {name} | {what} | {calls} | {right} | {errors} | {told} |");
        }
    }
    assert!(wrong.is_empty(), "{} runs:\n{}", wrong.len(), wrong.join("\n"));
}

/// Where one directory is in the other, and both are named, each by an option of its own.
#[test]
fn what_cannot_be_read_is_laid_to_the_store_that_it_is_in() {
    if !strace::is_wanted_and_there() {
        return;
    }
    let outer = Directory::new();
    let inner = Directory { path: outer.at("inner"), place: tempfile::tempdir().unwrap() };
    fs::create_dir(&inner.path).unwrap();
    for directory in [&outer, &inner] {
        directory.write("ca.pem", &Ca::root(directory.path.to_str().unwrap()).pem());
        directory.rehash();
    }
    let (outer, inner) = (outer.path.as_path(), inner.path.as_path());
    for (store, extra) in [(outer, inner), (inner, outer)] {
        let arguments = ["list", "--ca-certs", text(store), "--extra-ca-certs", text(extra)];
        for (own, option) in [(store, "--ca-certs"), (extra, "--extra-ca-certs")] {
            let file = own.join("ca.pem");
            let mut failed = 0;
            for number in 1.. {
                let fault = format!("pread64:error=EIO:when={number}");
                let (run, injected) = strace::inject_with(&arguments, &["-P", text(&file)], &fault);
                if injected.is_none() {
                    break;
                }
                let said = format!("{option} names {}, which", text(own));
                assert!(run.code != Some(0) && run.stderr.contains(&said), "{number}: {run:#?}");
                failed += 1;
            }
            assert!(failed > 1, "{failed}");
        }
    }
}

/// A scene with its servers.
struct Stage<'a> {
    scene: &'a Scene,
    trusted: Server,
    rejected: Option<Server>,
}

impl<'a> Stage<'a> {
    fn of(scene: &'a Scene) -> Self {
        let server = |ca: &Ca, name: &str| {
            let (leaf, key) = ca.leaf(ExtendedKeyUsagePurpose::ServerAuth);
            let at = |end: &str| scene.directory.beside(&format!("{name}.{end}"));
            let identity = Identity { certificate: at("pem"), key: at("key") };
            fs::write(&identity.certificate, leaf.pem()).unwrap();
            fs::write(&identity.key, key.serialize_pem()).unwrap();
            Server::https(&identity)
        };
        let rejected = scene.rejected.as_ref().map(|ca| server(ca, "rejected"));
        Self { scene, trusted: server(&scene.trusted, "trusted"), rejected }
    }

    fn programs(&self, is_whole: bool) -> Vec<Program> {
        let command = |arguments: &[&str]| {
            let start =
                [env!("CARGO_BIN_EXE_cacerts")].into_iter().chain(arguments.iter().copied());
            start.map(str::to_owned).chain(self.scene.arguments.iter().cloned()).collect()
        };
        let at = |server: &Server| format!("localhost:{}", server.address().port());
        let mut programs: Vec<Program> = vec![("`check`", command(&["check", &at(&self.trusted)]))];
        if let Some(server) = &self.rejected {
            programs.push(("`check`, rejected", command(&["check", &at(server)])));
        }
        let library = |what: &str| {
            let test = concat!(module_path!(), "::a_program_of_the_library");
            let test = test.split_once("::").unwrap().1;
            let this = env::current_exe().unwrap();
            let task = format!("{TASK}={what}");
            let words = ["/usr/bin/env", &task, text(&this), "--exact", test, "--nocapture"];
            words.map(str::to_owned).into_iter().chain(["--test-threads=1".to_owned()]).collect()
        };
        // A configuration file is the command's.
        if !self.scene.arguments.iter().any(|argument| argument == "--config") {
            // A list of roots carries no certificate of a client.
            if !self.scene.arguments.iter().any(|argument| argument == "--cert") {
                programs.push(("all roots", library("roots")));
            }
            if is_whole {
                programs.push(("a client", library("client")));
                programs.push(("a client that reads all at once", library("held")));
            }
        }
        if is_whole {
            programs.push(("`list`", command(&["list"])));
            programs.push(("`path`", command(&["path"])));
            programs.push(("`explain`", command(&["explain"])));
        }
        programs
    }

    fn variables(&self) -> Vec<(&str, String)> {
        let mut variables = self.scene.variables.clone();
        let servers = [Some(&self.trusted), self.rejected.as_ref()];
        let servers = servers.into_iter().flatten().map(|server| server.address().to_string());
        variables.push((SERVERS, servers.collect::<Vec<_>>().join(" ")));
        variables.push((SETTINGS, self.scene.arguments.join(" ")));
        variables
    }

    fn try_all(
        &self,
        scene: &str,
        what: &str,
        program: &[String],
        is_whole: bool,
        wrong: &mut Vec<String>,
    ) -> Tally {
        let words: Vec<_> = program.iter().map(String::as_str).collect();
        let variables = self.variables();
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let below = text(&self.scene.directory.path);
        let (traced, right, calls) = Traced::new(&words, &variables, below);
        let mut tally = Tally { calls: calls.len(), ..Tally::default() };
        for (number, call) in calls.iter().enumerate() {
            let possible = FAULTS.into_iter().filter(|fault| fault.can_be(call));
            // Where files are looked for by their names, one that is not there is none.
            let is_hashed = scene.starts_with("a hashed");
            let possible: Vec<_> =
                possible.filter(|fault| !is_hashed || *fault != Fault::Errno("ENOENT")).collect();
            let one = [possible[number % possible.len()]];
            for fault in if is_whole { &possible[..] } else { &one } {
                let (run, line) = traced.with_fault(call, *fault);
                let (said, lasts) = (fault.words(), fault.is_lasting());
                if let Err(why) = judge(&right, &run, said, lasts, below, &mut tally) {
                    wrong.push(format!("{scene}, {what}: {why}: {line}\n    {run:?}"));
                }
            }
        }
        tally
    }
}

/// Counts what came of a run, where the words of a fault have to be said unless it made no difference.
fn judge(
    right: &Run,
    run: &Run,
    said: &[&str],
    lasts: bool,
    below: &str,
    tally: &mut Tally,
) -> Result<(), &'static str> {
    let (wanted, verdict) = (verdict(right), verdict(run));
    let all = words(&format!("{}{}", run.stdout, run.stderr));
    if run.code.is_none() || all.contains("panicked") {
        return Err("it breaks down");
    }
    let is_said = all.contains(below) && said.iter().any(|word| all.contains(word));
    // To lose a file that may not be read, or is gone, is told and no error.
    let is_lost = is_said && lasts;
    if !is_lost && !trusts(right) && trusts(run) {
        return Err("the rejected one is trusted");
    }
    if run.code == right.code && verdict == wanted {
        tally.right += 1;
        return Ok(());
    }
    if !is_said {
        return Err("it is not said what was wrong, and where");
    }
    let is_error = run.code != Some(0) || all.contains("error: ");
    *(if is_error { &mut tally.errors } else { &mut tally.told }) += 1;
    Ok(())
}

/// What counts of what a program says: of a check its first sentence, and not how long libtest took.
fn verdict(run: &Run) -> String {
    if run.stdout.contains("\n    address ") {
        return words(run.stdout.split("\n    ").next().unwrap());
    }
    if let Some(("trusted:", _)) = run.stdout.split_once(' ') {
        // The store, and how much is in it; what else is known of its file is beside that.
        let is_it = |line: &&str| line.contains(": /") || line.starts_with("    a ");
        return words(&run.stdout.lines().filter(is_it).take(4).collect::<Vec<_>>().join("\n"));
    }
    let said = run.stdout.lines().filter(|line| !line.starts_with("test result"));
    words(&said.collect::<Vec<_>>().join("\n"))
}

/// Whether the server that is asked for is trusted, or the one that is to be rejected.
fn trusts(run: &Run) -> bool {
    let is_check = run.stdout.contains("\n    address ");
    is_check && verdict(run).ends_with(" is trusted") || run.stdout.contains("rejected: trusted")
}

/// As if it was not broken into lines.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Prints what is logged.
struct Printer;

impl Log for Printer {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        eprintln!("{}: {}", record.level(), record.args());
    }

    fn flush(&self) {}
}

/// A program that strace looks into; without its variable it is none.
#[test]
fn a_program_of_the_library() {
    let Ok(task) = env::var(TASK) else { return };
    log::set_logger(&Printer).unwrap();
    log::set_max_level(LevelFilter::Warn);
    if let Err(error) = work(&task) {
        println!("error: {error}");
    }
}

fn work(task: &str) -> Result<(), Box<dyn Error>> {
    let variable = |name| env::var(name).unwrap();
    let (given, servers) = (variable(SETTINGS), variable(SERVERS));
    let mut settings = Settings::new().reload(task != "held");
    let words: Vec<_> = given.split(' ').collect();
    for pair in words.chunks_exact(2) {
        settings = match pair[0] {
            "--ca-certs" => settings.ca_certs(pair[1]),
            "--extra-ca-certs" => settings.extra_ca_certs(pair[1]),
            "--cert" => settings.client_cert(pair[1]),
            "--key" => settings.client_key(pair[1]),
            other => panic!("{other}"),
        };
    }
    if task == "roots" {
        let store = settings.trust_store()?.only_cas()?;
        let (roots, rejected) = (store.root_cert_store().len(), store.distrusted().len());
        println!("{roots} roots, {rejected} rejected, {:?}", store.skipped());
        return Ok(());
    }
    let mut config = settings.client_config()?;
    config.resumption = Resumption::disabled();
    let config = Arc::new(config);
    let servers: Vec<_> = servers.split(' ').zip(["trusted", "rejected"]).collect();
    for (address, name) in servers.iter().chain(&servers) {
        match visit(&config, address.parse()?) {
            Ok(_) => println!("{name}: trusted"),
            Err(error) => println!("{name}: error: {error}"),
        }
    }
    Ok(())
}
