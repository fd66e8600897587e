//! A minimal client, built from nothing by itself: how large its program is, and how much time of the
//! processors that takes.

use crate::process::{cargo, median, ratio};
use crate::table::Unit::{Bytes, Nanoseconds};
use crate::table::{Table, Target};
use crate::{Bench, NATIVE, Result, at_most, say};
use nix::sys::resource::{UsageWho, getrusage};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What one client came to.
struct Clean {
    /// The bytes of the stripped program.
    size: f64,
    /// The time of the processors, in nanoseconds.
    time: f64,
}

/// On cacerts.
const OURS: (&str, &str) =
    ("cacerts = { path = \"HERE/..\" }", "let config = cacerts::client_config().unwrap();");
/// On rustls-native-certs.
const THEIRS: (&str, &str) = (
    "rustls-native-certs = \"0.8\"",
    "let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let builder = rustls::ClientConfig::builder().with_root_certificates(roots);
    let config = builder.with_no_client_auth();",
);

const MANIFEST: &str = r#"[package]
name = "minimal"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
rustls = { version = "0.23", default-features = false, features = ["std", "tls12", "ring"] }
DEPENDENCY

[profile.release]
strip = true
"#;

const MAIN: &str = r#"use std::io::{Read, Write};

fn main() {
    let name = std::env::args().nth(1).unwrap();
    CONFIG
    let server = name.clone().try_into().unwrap();
    let connection = rustls::ClientConnection::new(config.into(), server).unwrap();
    let socket = std::net::TcpStream::connect((name.as_str(), 443)).unwrap();
    let mut stream = rustls::StreamOwned::new(connection, socket);
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut page = Vec::new();
    stream.read_to_end(&mut page).unwrap();
    println!("{}", page.len());
}
"#;

/// Builds a client in this directory, with the versions that are locked for the benchmarks.
fn build((dependency, config): (&str, &str), directory: &Path) -> Result<Clean> {
    let here = env!("CARGO_MANIFEST_DIR");
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    fs::create_dir_all(directory.join("src"))?;
    let dependency = dependency.replace("HERE", here);
    fs::write(directory.join("Cargo.toml"), MANIFEST.replace("DEPENDENCY", &dependency))?;
    fs::write(directory.join("src/main.rs"), MAIN.replace("CONFIG", config))?;
    fs::copy(Path::new(here).join("Cargo.lock"), directory.join("Cargo.lock"))?;
    let before = processor_time()?;
    let mut command = Command::new(cargo());
    command.args(["build", "--quiet", "--release", "--offline"]).current_dir(directory);
    if !command.status()?.success() {
        return Err("the minimal client cannot be built".into());
    }
    let time = processor_time()? - before;
    let size = fs::metadata(directory.join("target/release/minimal"))?.len() as f64;
    Ok(Clean { size, time })
}

impl Bench {
    /// A minimal client, beside the same on rustls-native-certs.
    pub(crate) fn clean(&self, table: &mut Table) -> Result<()> {
        say("building a minimal client");
        let directory = self.data.directory().join("clean");
        let (mut times, mut their_times, mut size) = (Vec::new(), Vec::new(), 0.0);
        for _ in 0..if self.quick { 1 } else { 3 } {
            let theirs = build(THEIRS, &directory)?;
            let ours = build(OURS, &directory)?;
            times.push(ours.time);
            their_times.push(theirs.time);
            size = ours.size - theirs.size;
        }
        let what = ("a minimal client, stripped, beyond one on rustls-native-certs", Bytes);
        table.alone(what, size, Some(Target::Value(150e3)));
        let what = ("its clean build, time of the processors", Nanoseconds);
        let ratio = Some(ratio(&times, &their_times));
        let peer = (NATIVE, median(&their_times));
        table.compare(what, peer, median(&times), ratio, at_most(1.25));
        Ok(())
    }
}

/// Of all processes that were started and are over, in nanoseconds.
fn processor_time() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let [user, system] = [usage.user_time(), usage.system_time()]
        .map(|time| time.tv_sec() as f64 * 1e9 + time.tv_usec() as f64 * 1e3);
    Ok(user + system)
}
