//! Asks each which of three servers are trusted by a file: the only measure that is the same for all.

use crate::cases::{Authority, SERVER};
use cacerts::TrustStore;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;
use tempfile::TempDir;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Peer {
    OpenSsl,
    GnuTls,
    Go,
    P11Kit,
    NativeCerts,
}

/// What became of a file.
pub(crate) enum Answer {
    /// So many servers are trusted; whether it said that something was wrong with the file.
    Trusted(usize, bool),
    Hangs,
}

impl Answer {
    /// The text of a table's cell, for a file that holds so many certificates.
    pub(crate) fn cell(&self, holds: usize) -> String {
        match *self {
            Self::Trusted(trusted, true) => format!("{trusted}, error"),
            Self::Trusted(trusted, false) if trusted < holds => format!("{trusted}, silent"),
            Self::Trusted(trusted, false) => trusted.to_string(),
            Self::Hangs => "hangs".to_owned(),
        }
    }
}

/// A server for each authority: its certificate, and in files as the peers want it.
pub(crate) struct Servers {
    certificates: Vec<CertificateDer<'static>>,
    der: Vec<PathBuf>,
    pem: Vec<PathBuf>,
}

impl Servers {
    pub(crate) fn new(directory: &Path, authorities: &[Authority; 3]) -> Self {
        let write = |i: usize, extension: &str, content: &[u8]| {
            let path = directory.join(format!("server-{i}.{extension}"));
            fs::write(&path, content).unwrap();
            path
        };
        let each = || authorities.iter().map(|authority| &authority.server).enumerate();
        Self {
            certificates: each().map(|(_, der)| der.clone().into()).collect(),
            der: each().map(|(i, der)| write(i, "der", der)).collect(),
            pem: each()
                .map(|(i, der)| write(i, "pem", crate::cases::pem(der).as_bytes()))
                .collect(),
        }
    }

    fn trusted_by(&self, verifier: &dyn ServerCertVerifier) -> usize {
        let (name, now) = (ServerName::try_from(SERVER).unwrap(), UnixTime::now());
        let verify =
            |server: &&_| verifier.verify_server_cert(server, &[], &name, &[], now).is_ok();
        self.certificates.iter().filter(verify).count()
    }
}

impl Peer {
    pub(crate) const ALL: [Self; 5] =
        [Self::OpenSsl, Self::GnuTls, Self::Go, Self::P11Kit, Self::NativeCerts];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OpenSsl => "OpenSSL",
            Self::GnuTls => "GnuTLS",
            Self::Go => "Go",
            Self::P11Kit => "p11-kit",
            Self::NativeCerts => "rustls-native-certs",
        }
    }

    /// The version that is installed here, if one is.
    pub(crate) fn version(self) -> Option<String> {
        let (program, argument, before) = match self {
            Self::OpenSsl => ("openssl", "version", "OpenSSL "),
            Self::GnuTls => ("certtool", "--version", "certtool "),
            Self::Go => ("go", "version", "go version go"),
            Self::P11Kit => return p11_kit_version(),
            Self::NativeCerts => return native_certs_version(),
        };
        let output =
            Command::new(program).arg(argument).env("GOTOOLCHAIN", "local").output().ok()?;
        let text = String::from_utf8(output.stdout).unwrap();
        let version = text.strip_prefix(before).unwrap_or_else(|| panic!("{program}: {text}"));
        Some(version.split_whitespace().next().unwrap().to_owned())
    }

    pub(crate) fn ask(self, file: &Path, servers: &Servers, limit: Duration) -> Answer {
        match self {
            Self::OpenSsl => open_ssl(file, servers, limit),
            Self::GnuTls => gnu_tls(file, servers, limit),
            Self::Go => go(file, servers, limit),
            Self::P11Kit => p11_kit(file, servers, limit),
            Self::NativeCerts => native_certs(file, servers, limit),
        }
    }
}

/// The trust that OpenSSL's clients apply goes by the name `ssl_server`.
fn open_ssl(file: &Path, servers: &Servers, limit: Duration) -> Answer {
    let mut command = limited("openssl", limit);
    command.args(["verify", "-no-CApath", "-no-CAstore", "-verify_name", "ssl_server", "-CAfile"]);
    let Some(output) = run(command.arg(file).args(&servers.pem)) else {
        return Answer::Hangs;
    };
    let trusted = lossy(&output.stdout).lines().filter(|line| line.ends_with(": OK")).count();
    Answer::Trusted(trusted, lossy(&output.stderr).contains("Error loading file"))
}

/// It verifies one chain at a time, and says how many certificates it has loaded if it has.
fn gnu_tls(file: &Path, servers: &Servers, limit: Duration) -> Answer {
    let (mut trusted, mut loaded) = (0, true);
    for server in &servers.pem {
        let mut command = limited("certtool", limit);
        command.args(["--verify", "--verify-hostname", SERVER, "--load-ca-certificate"]);
        let Some(output) = run(command.arg(file).arg("--infile").arg(server)) else {
            return Answer::Hangs;
        };
        trusted += usize::from(output.status.success());
        loaded &= lossy(&output.stderr).contains("Loaded CAs (");
    }
    Answer::Trusted(trusted, !loaded)
}

fn go(file: &Path, servers: &Servers, limit: Duration) -> Answer {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let mut command = limited(PROGRAM.get_or_init(build_go), limit);
    let Some(output) = run(command.arg(file).args(&servers.der)) else {
        return Answer::Hangs;
    };
    assert!(output.status.success(), "{output:?}");
    let text = lossy(&output.stdout);
    let (trusted, said) = text.trim().split_once(' ').unwrap();
    Answer::Trusted(trusted.parse().unwrap(), said == "true")
}

/// With what is installed and nothing else: offline, and leaving nothing in a home directory.
fn build_go() -> PathBuf {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/odd-files/peer.go");
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let program = directory.join("odd-files-go");
    let status = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(source)
        .envs([("GOFLAGS", ""), ("GOTOOLCHAIN", "local"), ("GOPROXY", "off"), ("GOENV", "off")])
        .envs([("GO111MODULE", "off"), ("CGO_ENABLED", "0")])
        .env("GOCACHE", directory.join("go-cache"))
        .env("GOPATH", directory.join("go-path"))
        .status();
    assert!(status.unwrap().success(), "go build");
    program
}

/// Where Debian's has its anchors. It can be told no other place, so the file is put there for the process
/// that asks, and for no other; which is root there, and may read no more than others.
const P11_KIT: &str = "mount --bind \"$1\" /etc/ssl/certs/ca-certificates.crt && exec setpriv \
                       --bounding-set -dac_override,-dac_read_search trust extract \
                       --format=pem-bundle --filter=ca-anchors --purpose=server-auth \"$2\"";

fn p11_kit(file: &Path, servers: &Servers, limit: Duration) -> Answer {
    let into = TempDir::new().unwrap();
    let bundle = into.path().join("extracted.pem");
    let mut command = limited("unshare", limit);
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", P11_KIT, "sh"]);
    let Some(output) = run(command.arg(file).arg(&bundle)) else {
        return Answer::Hangs;
    };
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(&bundle);
    roots.add_parsable_certificates(found.into_iter().flatten().map(Result::unwrap));
    Answer::Trusted(trusted_by(roots, servers), !output.stderr.is_empty())
}

/// It tells nobody but the package manager. `None` where it cannot be asked.
fn p11_kit_version() -> Option<String> {
    let mut package = limited("dpkg-query", Duration::from_secs(10));
    let output = run(package.args(["--show", "--showformat=${Version}", "p11-kit"]))?;
    let text = String::from_utf8(output.stdout).unwrap();
    let mut probe = limited("unshare", Duration::from_secs(10));
    probe.args(["--user", "--map-root-user", "--mount", "sh", "-c", P11_KIT, "sh"]);
    let into = TempDir::new().unwrap();
    let (file, bundle) = (into.path().join("empty"), into.path().join("extracted.pem"));
    fs::write(&file, "").unwrap();
    let is_possible = run(probe.arg(file).arg(bundle))?.status.success();
    let version = text.split('-').next().filter(|version| !version.is_empty());
    version.filter(|_| is_possible).map(str::to_owned)
}

fn trusted_by(roots: RootCertStore, servers: &Servers) -> usize {
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
    verifier.map(|verifier| servers.trusted_by(&*verifier)).unwrap_or_default()
}

fn native_certs(file: &Path, servers: &Servers, limit: Duration) -> Answer {
    let into = TempDir::new().unwrap();
    let program = NATIVE_CERTS.as_ref().expect("it has a version");
    let Some(output) = run(limited(program, limit).arg(file).arg(into.path())) else {
        return Answer::Hangs;
    };
    assert!(output.status.success(), "{output:?}");
    let mut roots = RootCertStore::empty();
    let found = fs::read_dir(into.path()).unwrap();
    let found = found.map(|entry| fs::read(entry.unwrap().path()).unwrap().into());
    roots.add_parsable_certificates(found);
    Answer::Trusted(trusted_by(roots, servers), lossy(&output.stdout).trim() == "true")
}

/// The folder of the package that has rustls-native-certs; the published crate comes without.
const NATIVE_CERTS_SOURCE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/odd-files/native-certs");

/// Built with what has been downloaded; `None` where that is not enough.
static NATIVE_CERTS: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("odd-files-native-certs");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--offline", "--manifest-path"])
        .arg(format!("{NATIVE_CERTS_SOURCE}/Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .env_remove("CARGO_BUILD_TARGET")
        .status();
    status.unwrap().success().then(|| target.join("debug/native-certs"))
});

fn native_certs_version() -> Option<String> {
    let lock = fs::read_to_string(format!("{NATIVE_CERTS_SOURCE}/Cargo.lock")).ok()?;
    NATIVE_CERTS.as_ref()?;
    let (_, after) = lock.split_once("name = \"rustls-native-certs\"\nversion = \"").unwrap();
    Some(after.split('"').next().unwrap().to_owned())
}

/// What cacerts does, with what it says.
pub(crate) fn own(file: &Path, servers: &Servers) -> String {
    let path = file.display().to_string();
    match TrustStore::load(file) {
        Ok(store) => {
            let trusted = servers.trusted_by(&*store.verifier(provider()));
            assert_eq!(trusted, store.len(), "certificates that make no server trusted");
            let skipped = store.skipped().iter();
            let reasons = skipped.map(|skipped| match skipped.line {
                Some(line) => format!("; line {line} {}", skipped.reason),
                None => format!("; {}", skipped.reason),
            });
            let no_ca = match store.not_ca().len() {
                0 => String::new(),
                count => format!("; {count} in `not_ca`"),
            };
            trusted.to_string() + &reasons.collect::<String>() + &no_ca
        }
        // The path stands before what is said, and within it before a line's number.
        Err(error) => {
            let text = error.to_string().replacen(&format!("{path} "), "", 1);
            let text = text.replace(&format!("{path}:"), "line ");
            let directory = file.parent().unwrap().display();
            format!("error: {}", text.replace(&format!("{directory}/"), ""))
        }
    }
}

fn provider() -> Arc<CryptoProvider> {
    #[cfg(feature = "ring")]
    let provider = rustls::crypto::ring::default_provider();
    #[cfg(not(feature = "ring"))]
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    Arc::new(provider)
}

/// A command that is stopped after so long, in plain English and with no settings of this machine.
fn limited(program: impl AsRef<OsStr>, limit: Duration) -> Command {
    let mut command = Command::new("timeout");
    command.arg(limit.as_secs().to_string()).arg(program);
    command.envs([("LC_ALL", "C"), ("OPENSSL_CONF", "/dev/null")]);
    command.envs([("GNUTLS_SYSTEM_PRIORITY_FILE", "/dev/null"), ("GODEBUG", "")]);
    command
}

/// `None` where it had to be stopped.
fn run(command: &mut Command) -> Option<Output> {
    let output = command.output().unwrap();
    (output.status.code() != Some(124)).then_some(output)
}

fn lossy(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}
