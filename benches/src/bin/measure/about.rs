//! What it was measured on, and how.

use crate::{Bench, EMBEDDED, NATIVE, PLATFORM, Result, output};
use std::fmt::Write;
use std::{env, fs};

/// The lock file of the programs that are built with drop-ins and without.
const STACKS: &str = include_str!("../../../stacks/Cargo.lock");

impl Bench {
    pub(crate) fn about(&self, load: &str) -> Result<String> {
        let mut text = String::from(
            "# What cacerts costs, and its peers\n\nWritten by `benches/run`; do not edit.\n\n\
             ![Instructions](../docs/instructions.svg)\n\n",
        );
        let now = output("date", &["-u", "+%F"])?;
        let curl = output("curl", &["--version"])?;
        let curl: Vec<&str> = curl.split_whitespace().collect();
        let has = |start: &str| curl.iter().find(|word| word.starts_with(start)).copied();
        let crates = ["rustls", "rustls-webpki", NATIVE, PLATFORM, EMBEDDED, "ureq", "ring"]
            .map(|name| format!("{name} {}", locked(name)));
        let in_stacks = ["reqwest", "hyper-rustls", "ureq", "rustls", NATIVE, PLATFORM, EMBEDDED]
            .map(|name| format!("{name} {}", version(STACKS, name)));
        let revision = output("git", &["rev-parse", "--short", "HEAD"]);
        let revision = revision.map_or_else(|_| String::new(), |r| format!(" (revision {r})"));
        let _ = writeln!(text, "- {now}; {}", machine()?);
        let _ =
            writeln!(text, "- cacerts {}{revision}, {}", locked("cacerts"), env!("RUSTC_VERSION"));
        let _ = writeln!(text, "- {}", crates.join(", "));
        let _ = writeln!(text, "- Programs with drop-ins and without: {}", in_stacks.join(", "));
        let _ = writeln!(
            text,
            "- curl {} with {}; {}; load average {load} before, {} after",
            curl.get(1).unwrap_or(&"?"),
            has("OpenSSL/").or_else(|| has("GnuTLS/")).unwrap_or("an unknown TLS library"),
            output("valgrind", &["--version"])?,
            load_average()
        );
        let _ = writeln!(
            text,
            "- The store is the system's bundle: {} certificates. \"Default\" is what each takes by \
             default (for {NATIVE} the bundle and the directory it is in), \"file only\" is the \
             bundle on both sides. The bundle that a GET is verified by is a copy with the local \
             server's root; webpki-roots holds Mozilla's roots, and that root, as static data.",
            self.certificates
        );
        let spread = self.spread.borrow();
        let spread =
            spread.iter().map(|(doing, share)| format!("{:.2} % ({doing})", share * 100.0));
        let spread = spread.collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            text,
            "- Instructions are those outside the kernel, counted by valgrind, the median of \
             several runs, the largest and the smallest of which differ by {spread} at most. Those \
             of loading are net of an empty process, those of a handshake from a directory net of \
             one with embedded roots."
        );
        let _ = writeln!(
            text,
            "- Wall times are medians over fresh processes that run in turn; the ratio is the \
             median of the ratios of each round. The call is timed by the process itself, from \
             the start of its main function. Times vary with the machine and with what else it \
             does; ratios less so. What a handshake takes beyond webpki-roots is measured with a \
             certificate that has expired, so that the signatures do not hide it. Peak memory is \
             the resident set, and about 2 MiB of it is what an empty process has."
        );
        let _ = writeln!(
            text,
            "- Programs that know nothing of cacerts (`benches/stacks`) are built from one lock \
             file by cargo and by `cargo cacerts`; what is counted is the whole process. That copy \
             of the bundle is baked in. The originals are told of it by `SSL_CERT_FILE`, and unless \
             it says file only of its directory, the system's with the copy in its place, by \
             `SSL_CERT_DIR`: what they read by default. ureq as it comes heeds neither: the original \
             {EMBEDDED} that it has is built with the server's root at the end of its list."
        );
        let _ = writeln!(
            text,
            "- Release builds with thin link-time optimisation, unless it says debug; the minimal \
             client's is cargo's default, stripped. A ratio is ours to the peer's; a target is the \
             most that is allowed."
        );
        Ok(text)
    }
}

/// The version of a crate that was built.
pub(crate) fn locked(name: &str) -> &'static str {
    version(include_str!("../../../Cargo.lock"), name)
}

fn version(lock: &'static str, name: &str) -> &'static str {
    let entry = lock.split_once(&format!("name = \"{name}\"\nversion = \"")).map(|(_, rest)| rest);
    entry.and_then(|rest| rest.split('"').next()).unwrap_or("?")
}

/// The processor, how many there are, and the system.
pub(crate) fn machine() -> Result<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(env::consts::ARCH, |(_, model)| model.trim());
    let count = std::thread::available_parallelism()?;
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system = system.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let system = system.unwrap_or("an unknown system").trim_matches('"');
    let kernel = output("uname", &["-r"])?;
    // Only the version: the rest may be the name of somebody's machine.
    let kernel: String = kernel.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    Ok(format!("{count} × {model}, {system}, Linux {kernel}"))
}

pub(crate) fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_owned()
}
