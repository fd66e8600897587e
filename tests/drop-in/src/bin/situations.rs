//! Puts programs through the situations in which their store can be: `situations ORIGINALS DROP-INS`,
//! two directories with the same programs. It writes a table of what each trusts, with both, in
//! Markdown, and exits with 1 where a drop-in is wrong.
//!
//! The store is below /etc/ssl, where the originals look, so it has to be run in a mount namespace of its
//! own, as root, with an empty file system there that heeds set-user-ID.

use drop_in_tests::pki::{Pki, directory, file, marked};
use drop_in_tests::program::{Program, Run, Verdict, run};
use drop_in_tests::server::Server;
use std::env;
use std::fs;
use std::process::ExitCode;

/// What is baked into the drop-ins, and where the originals find theirs.
const STORE: &str = "/etc/ssl/certs/ca-certificates.crt";
const FILE: &str = "SSL_CERT_FILE";
const DIR: &str = "SSL_CERT_DIR";
/// What variables name.
const MINE: &str = "/etc/ssl/mine";

const fn stack(binary: &'static str) -> Program {
    Program { binary, argument: None }
}

const fn by_itself(crate_name: &'static str) -> Program {
    Program { binary: "rustls", argument: Some(crate_name) }
}

const STACKS: [Program; 8] = [
    stack("reqwest"),
    stack("ureq-verifier"),
    stack("ureq"),
    stack("hyper-rustls"),
    stack("tonic"),
    stack("tokio-tungstenite"),
    stack("native-tls"),
    stack("openssl"),
];

const CRATES: [Program; 9] = [
    by_itself("platform-verifier-0.6"),
    by_itself("platform-verifier-0.7"),
    by_itself("native-certs-0.6"),
    by_itself("native-certs-0.7"),
    by_itself("native-certs-0.8"),
    by_itself("roots-0.26"),
    by_itself("roots-1"),
    by_itself("root-certs-0.26"),
    by_itself("root-certs-1"),
];

/// Which of the two CAs is where, if any: the right one has issued the server's certificate.
#[derive(Clone, Copy)]
enum Ca {
    Right,
    Wrong,
    Missing,
    /// The right one, in a directory where a file is usual.
    Directory,
    /// The right one, as a `TRUSTED CERTIFICATE` that is marked.
    Trusted,
    Rejected,
}
use Ca::{Directory, Missing, Rejected, Right, Trusted, Wrong};

struct Situation {
    name: &'static str,
    store: Ca,
    /// The directory that it is in.
    beside: Ca,
    /// What the variables are set to; below `MINE`, unless empty.
    variables: &'static [(&'static str, &'static [&'static str])],
    kind: Kind,
    /// Whether the server is to be trusted.
    is_trusted: bool,
    /// What an error should name.
    culprit: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Https,
    /// Without TLS.
    Http,
    SetUserId,
    NoProc,
}
use Kind::{Http, Https, NoProc, SetUserId};

/// Below `MINE` there are right.pem, wrong.pem, right/ and wrong/; and nothing else.
#[rustfmt::skip]
const SITUATIONS: [Situation; 21] = [
    Situation { name: "the store has the CA", store: Right, beside: Missing, variables: &[], kind: Https, is_trusted: true, culprit: STORE },
    Situation { name: "the store has another", store: Wrong, beside: Missing, variables: &[], kind: Https, is_trusted: false, culprit: STORE },
    Situation { name: "the store has another, the directory the CA", store: Wrong, beside: Right, variables: &[], kind: Https, is_trusted: false, culprit: STORE },
    Situation { name: "the store is a directory with the CA", store: Directory, beside: Missing, variables: &[], kind: Https, is_trusted: true, culprit: STORE },
    Situation { name: "the store has the CA, marked as trusted", store: Trusted, beside: Missing, variables: &[], kind: Https, is_trusted: true, culprit: STORE },
    Situation { name: "the store has the CA, marked as rejected", store: Rejected, beside: Missing, variables: &[], kind: Https, is_trusted: false, culprit: STORE },
    Situation { name: "no store", store: Missing, beside: Missing, variables: &[], kind: Https, is_trusted: false, culprit: STORE },
    Situation { name: "no store, the directory has the CA", store: Missing, beside: Right, variables: &[], kind: Https, is_trusted: false, culprit: STORE },
    Situation { name: "no store, plain http://", store: Missing, beside: Missing, variables: &[], kind: Http, is_trusted: true, culprit: STORE },
    Situation { name: "`FILE` has the CA, the store another", store: Wrong, beside: Missing, variables: &[(FILE, &["right.pem"])], kind: Https, is_trusted: true, culprit: FILE },
    Situation { name: "`FILE` has another, the store the CA", store: Right, beside: Missing, variables: &[(FILE, &["wrong.pem"])], kind: Https, is_trusted: false, culprit: FILE },
    Situation { name: "`FILE` names nothing, the store has the CA", store: Right, beside: Missing, variables: &[(FILE, &["none.pem"])], kind: Https, is_trusted: false, culprit: "none.pem" },
    Situation { name: "`FILE` is empty, the store has the CA", store: Right, beside: Missing, variables: &[(FILE, &[])], kind: Https, is_trusted: true, culprit: FILE },
    Situation { name: "`DIR` has the CA, the store another", store: Wrong, beside: Missing, variables: &[(DIR, &["right"])], kind: Https, is_trusted: true, culprit: DIR },
    Situation { name: "`DIR` is a list, its second has the CA", store: Wrong, beside: Missing, variables: &[(DIR, &["wrong", "right"])], kind: Https, is_trusted: true, culprit: DIR },
    Situation { name: "`DIR` names nothing, the store has the CA", store: Right, beside: Missing, variables: &[(DIR, &["none"])], kind: Https, is_trusted: false, culprit: "/none" },
    Situation { name: "`FILE` has another, `DIR` the CA", store: Wrong, beside: Missing, variables: &[(FILE, &["wrong.pem"]), (DIR, &["right"])], kind: Https, is_trusted: true, culprit: FILE },
    Situation { name: "both have another, the store the CA", store: Right, beside: Right, variables: &[(FILE, &["wrong.pem"]), (DIR, &["wrong"])], kind: Https, is_trusted: false, culprit: FILE },
    Situation { name: "set-user-ID, `FILE` has the CA, the store another", store: Wrong, beside: Missing, variables: &[(FILE, &["right.pem"])], kind: SetUserId, is_trusted: false, culprit: FILE },
    Situation { name: "set-user-ID, `FILE` has another, the store the CA", store: Right, beside: Missing, variables: &[(FILE, &["wrong.pem"])], kind: SetUserId, is_trusted: true, culprit: FILE },
    Situation { name: "no /proc, `FILE` has the CA, the store another", store: Wrong, beside: Missing, variables: &[(FILE, &["right.pem"])], kind: NoProc, is_trusted: true, culprit: FILE },
];

/// Where a drop-in cannot be right, because of what is over it.
const NOT_OURS: &[(&str, &str)] = &[
    // OpenSSL adds the store to its own default file and directory.
    ("the store has another, the directory the CA", "native-tls"),
    ("the store has another, the directory the CA", "openssl"),
    ("no store, the directory has the CA", "native-tls"),
    ("no store, the directory has the CA", "openssl"),
    ("`DIR` names nothing, the store has the CA", "native-tls"),
    ("`DIR` names nothing, the store has the CA", "openssl"),
    // Without dependencies there is no other way to tell whether the caller may choose.
    ("no /proc, `FILE` has the CA, the store another", "openssl"),
    // It reads the certificates when it is set up.
    ("no store, plain http://", "hyper-rustls"),
];

fn main() -> ExitCode {
    let directories: Vec<_> = env::args().skip(1).collect();
    let [originals, drop_ins] = &directories[..] else {
        eprintln!("usage: situations ORIGINALS DROP-INS");
        return ExitCode::from(2);
    };
    let pki = Pki::made();
    let server = Server::start(&pki);
    let mut faults = Vec::new();
    for programs in [&STACKS[..], &CRATES[..]] {
        let names: Vec<_> = programs.iter().map(Program::name).collect();
        println!("| | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()));
        for situation in &SITUATIONS {
            arrange(situation, &pki);
            let cells: Vec<_> = programs
                .iter()
                .map(|program| {
                    cell(*program, situation, [originals, drop_ins], &server, &mut faults)
                })
                .collect();
            println!("| {} | {} |", situation.name, cells.join(" | "));
        }
        println!();
    }
    faults.iter().for_each(|fault| eprintln!("{fault}"));
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Puts the certificates where the situation has them, and nothing else anywhere.
fn arrange(situation: &Situation, pki: &Pki) {
    for entry in fs::read_dir("/etc/ssl").unwrap() {
        fs::remove_dir_all(entry.unwrap().path()).unwrap();
    }
    for (ca, name) in [(&pki.ca, "right"), (&pki.other, "wrong")] {
        file(&format!("{MINE}/{name}.pem"), ca);
        directory(&format!("{MINE}/{name}"), ca);
    }
    if let Right = situation.beside {
        directory("/etc/ssl/certs", &pki.ca);
    }
    match situation.store {
        Right => file(STORE, &pki.ca),
        Wrong => file(STORE, &pki.other),
        Directory => directory(STORE, &pki.ca),
        Trusted => marked(STORE, &pki.ca, &["-addtrust", "serverAuth"]),
        Rejected => marked(STORE, &pki.ca, &["-addreject", "serverAuth"]),
        Missing => {}
    }
}

/// What it comes to, with the original and with the drop-in; bold what is wrong.
fn cell(
    program: Program,
    situation: &Situation,
    directories: [&String; 2],
    server: &Server,
    faults: &mut Vec<String>,
) -> String {
    let speaks_http = !["tonic", "native-tls", "openssl", "rustls"].contains(&program.binary);
    if situation.kind == Http && !speaks_http {
        return "-".to_owned();
    }
    let scheme = if situation.kind == Http { "http" } else { "https" };
    let variables: Vec<_> = situation
        .variables
        .iter()
        .map(|(name, paths)| {
            let paths: Vec<_> = paths.iter().map(|path| format!("{MINE}/{path}")).collect();
            (*name, paths.join(":"))
        })
        .collect();
    let verdicts = directories.map(|directory| {
        let before = server.requests();
        let how = Run {
            directory,
            address: &format!("{scheme}://localhost:{}/", server.port),
            variables: &variables,
            is_privileged: situation.kind == SetUserId,
            has_proc: situation.kind != NoProc,
            culprit: situation.culprit,
        };
        let (verdict, text) = run(program, &how);
        let is_heard = server.requests() != before;
        let trusts = verdict == Verdict::Yes;
        // With HTTP/2 the answer is the connection.
        assert!(is_heard == trusts || program.binary == "tonic", "{}: {text}", program.name());
        (verdict, text)
    });
    let is_right =
        |verdict| (verdict == Verdict::Yes) == situation.is_trusted && verdict != Verdict::Panic;
    let is_not_ours = NOT_OURS.contains(&(situation.name, program.name()));
    let [_, (with_drop_in, text)] = &verdicts;
    if is_right(*with_drop_in) == is_not_ours {
        let word = with_drop_in.word();
        faults.push(format!("{}, {}: {word}\n{text}", program.name(), situation.name));
    }
    verdicts
        .map(|(verdict, _)| match is_right(verdict) {
            true => verdict.word().to_owned(),
            false => format!("**{}**", verdict.word()),
        })
        .join(" / ")
}
