//! What a verifier does as time goes by: `later PROGRAM`, which is `again` of the stacks, with the
//! drop-in. A line for each thing seen, and 1 if one is not as it should be.
//!
//! The store is below /etc/ssl; it has to be run in a mount namespace of its own, as root.

use drop_in_tests::pki::{Pki, file};
use drop_in_tests::server::Server;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

const STORE: &str = "/etc/ssl/certs/ca-certificates.crt";
const ROOT: &str = "/etc/ssl/root.der";

/// What an error says, with more before and after it.
const NO_STORE: &str = "/etc/ssl/certs/ca-certificates.crt does not exist";

/// The same where the store is there.
const NOT_TRUSTED: &str = "no CA in the trust store has issued its certificate, nor an intermediate certificate \
                           that it sends. Trusted is /etc/ssl/certs/ca-certificates.crt";

fn main() -> ExitCode {
    let program = std::env::args().nth(1).expect("usage: later PROGRAM");
    let pki = Pki::made();
    let server = Server::start(&pki);
    let mut seen = Seen { failed: 0 };
    let again = |arguments: &[&str]| {
        let _ = fs::remove_file(STORE);
        Again::start(&program, server.port, arguments)
    };
    let later = || thread::sleep(Duration::from_millis(1200));

    let mut it = again(&["verifier"]);
    seen.that("no store: a verifier is made, and says why it trusts nobody", NO_STORE, it.next());
    seen.that("no store: and says so again", NO_STORE, it.next());
    file(STORE, &pki.ca);
    seen.that("no store: it is there the next time", "yes", it.next());
    file(STORE, &pki.other);
    later();
    // The limit of what a verifier can carry, as the page has it.
    seen.that("a bare verifier: a session is resumed after the CA is gone", "resumed", it.next());

    let mut it = again(&["config"]);
    seen.that("a configuration: no store", NO_STORE, it.next());
    file(STORE, &pki.ca);
    seen.that("a configuration: it is there the next time", "yes", it.next());
    seen.that("a configuration made without a store resumes nothing", "yes", it.next());

    file(STORE, &pki.ca);
    let mut it = Again::start(&program, server.port, &["config"]);
    seen.that("a configuration made with a store", "yes", it.next());
    seen.that("a configuration made with a store resumes", "resumed", it.next());
    file(STORE, &pki.other);
    later();
    seen.that("a configuration: no session outlives its CA", NOT_TRUSTED, it.next());
    file(STORE, &pki.ca);
    later();
    seen.that("a configuration: the CA is back", "yes", it.next());

    fs::write(ROOT, pki.ca.der()).unwrap();
    let mut it = again(&["verifier", ROOT]);
    seen.that("extra roots: trusted, though there is no store", "yes", it.next());
    file(STORE, &pki.other);
    let mut it = Again::start(&program, server.port, &["verifier", ROOT]);
    seen.that("extra roots: trusted beside the store", "yes", it.next());
    fs::write(ROOT, pki.other.der()).unwrap();
    let mut it = Again::start(&program, server.port, &["verifier", ROOT]);
    seen.that("extra roots: others are not", NOT_TRUSTED, it.next());
    file(STORE, &pki.ca);
    let mut it = Again::start(&program, server.port, &["verifier", ROOT]);
    seen.that("extra roots: the store is trusted beside them", "yes", it.next());
    fs::write(ROOT, b"no certificate").unwrap();
    let mut it = Again::start(&program, server.port, &["verifier", ROOT]);
    seen.that(
        "extra roots: what is none is refused when the verifier is made",
        "it ended",
        it.next(),
    );

    let mut it = again(&["list"]);
    seen.that("a list: no store, so it is empty", "0", it.next());
    file(STORE, &pki.ca);
    seen.that("a list: it is read as soon as there is one", "1", it.next());
    fs::remove_file(STORE).unwrap();
    seen.that("a list: it is read once", "1", it.next());

    if seen.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Seen {
    failed: usize,
}

impl Seen {
    fn that(&mut self, title: &str, wanted: &str, found: String) {
        let is_so = match wanted {
            "yes" | "resumed" | "0" | "1" => found == wanted,
            _ => found.contains(wanted),
        };
        self.failed += usize::from(!is_so);
        println!("{} - {title}", if is_so { "ok" } else { "FAILED" });
        if !is_so {
            println!("    wanted: {wanted}\n    found:  {found}");
        }
    }
}

/// The program, which makes a handshake when it is asked; it ends with this.
struct Again {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Again {
    fn start(program: &str, port: u16, arguments: &[&str]) -> Self {
        let mut command = Command::new("timeout");
        command.args(["20", program, &format!("https://localhost:{port}/")]).args(arguments);
        command.env_clear().env("PATH", "/usr/bin:/bin");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, stdin, stdout: BufReader::new(stdout) }
    }

    fn next(&mut self) -> String {
        let mut line = String::new();
        match self.stdin.write_all(b"\n").and_then(|()| self.stdout.read_line(&mut line)) {
            Ok(0) | Err(_) => "it ended".to_owned(),
            Ok(_) => line.trim_end().to_owned(),
        }
    }
}

impl Drop for Again {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
