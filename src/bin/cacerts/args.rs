//! The command line.

use cacerts::{Arguments, Names, Naming};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Tells which CA store TLS clients trust and why, and tries it out.
#[derive(Parser)]
#[command(name = "cacerts", version, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 yes or done, 1 the answer is no, 2 wrong usage or configuration."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) options: Options,
}

/// What goes with every subcommand. Arguments beat OS_CACERT, which beats SSL_CERT_FILE and
/// SSL_CERT_DIR, which beat the configuration files, which beat what is built in.
#[derive(ClapArgs)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) tls: Arguments<Own>,
    /// Read this configuration file, not the user's and the system's
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Also show each request as a curl command, and what else there is to be said
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// The names that this command has for the settings.
pub(crate) struct Own;

impl Naming for Own {
    const NAMES: Names = Names::new()
        .ca_certs(&["--ca-certs", "--cacert", "--os-cacert"], &["OS_CACERT"])
        .client_cert(&["--cert"], &[])
        .client_key(&["--key"], &[])
        .insecure(&["--insecure", "-k"], &[])
        .min_tls_version(&["--tls-min"], &[]);
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Print the path of the store that is trusted, and nothing else
    Path,
    /// Print the constants that are built in
    Defaults {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show where a store can be named, in order, which one won, and why the others did not
    Explain {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the certificates in the store
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Fetch an address from a server that is verified
    Get {
        /// The address, https:// or http://
        url: String,
        /// Write to this file, not to standard output
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Go through one handshake with a server, and say whether it is trusted and why
    Check {
        /// HOST, HOST:PORT or an https:// address
        server: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell what finished programs trust, without running them
    ///
    /// For each file: the path in its cacerts notes and which drop-ins it has, how many of the trusted
    /// store's CAs it holds (10 and more, or all of a smaller store, are embedded roots), which known
    /// bundle paths it names, and whether it is linked with OpenSSL, GnuTLS, NSS or libcurl, or
    /// contains OpenSSL.
    #[command(after_long_help = INSPECT)]
    Inspect(Inspect),
    /// Read or change the configuration: the user's file, or the one of --config
    #[command(subcommand)]
    Config(Config),
}

/// What cannot be told from its line, and what the exit status of `inspect` says.
const INSPECT: &str = "\
A program that trusts a path goes by it in all that is over cacerts. One that is told a path has only the drop-in \
for openssl-probe, which tells it to whoever asks, and OpenSSL adds its own default paths to it. One that guesses \
by the list of openssl-probe 0.1 joins its directories and file names, so that no path stands in it whole. No \
drop-in reaches libcurl: it trusts what it was built with and, as the crate curl uses it, heeds neither \
SSL_CERT_FILE nor SSL_CERT_DIR.

A program is built with a crate that decides on trust where cargo-auditable has listed it, or where the name of one \
of its source files stands in it.

--expect goes by the notes alone. A program with the right path may also embed roots, which --deny embedded-roots \
forbids, go through other paths (--deny guessing is for programs that nobody has decided about), or ask OpenSSL or \
libcurl; that is no failure, because it may be meant, but its line says so.

Exit status: 1 if a check fails, if anything could not be read, and, without a check, if a file that was \
named has no note, nor has anything in it.

Packages are looked into, and nothing is unpacked to the disk: .deb, .rpm, .apk of version 2, .pkg.tar.zst, .crate, \
.whl and other zip files, tar and cpio archives, and what gzip, xz or zstd has compressed; one archive in another, \
and no more. What is in them is told as PACKAGE!PATH. What cannot be looked into fails every check: an .apk of \
version 3, a program that UPX or another has packed, an AppImage, a script with data in it, and a file that is \
named and begins as those of bzip2, lz4, 7z, squashfs, age or others do; so does a package that cannot be read to \
its end, or that unpacks to far more than its size (32 MiB and a hundred times as much). It is a warning if a \
.deb or .rpm does not depend on the package that provides the store which a program in it trusts.

Below a directory only files with something to say are shown, links are not followed, and FIFOs, sockets and devices \
are not opened.";

#[derive(ClapArgs)]
pub(crate) struct Inspect {
    /// Programs, libraries (ELF, any architecture), packages or any other files; directories are walked
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Print JSON: an array of the ELF files and of the others with something to say
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the same as JSON while it goes, a line for each file
    #[arg(long, conflicts_with = "json")]
    pub(crate) json_lines: bool,
    /// Fail if a file has notes with another path than exactly this (none: nothing baked in), or has
    /// no note although it was named itself; below a directory those without one pass
    #[arg(long, value_name = "PATH")]
    pub(crate) expect: Option<String>,
    /// Fail if a file has embedded roots, or if there is no store to look for; or if a program guesses:
    /// it has a list of well-known paths, and no note
    #[arg(long, value_name = "WHAT")]
    pub(crate) deny: Vec<Deny>,
}

/// What `inspect` can be told to forbid.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Deny {
    EmbeddedRoots,
    Guessing,
}

#[derive(Subcommand)]
pub(crate) enum Config {
    /// Print the value that the configuration files, or else what is built in, give a key
    Get {
        /// ca_certs, extra_ca_certs, client_cert, client_key, verify or min_tls_version
        key: String,
    },
    /// Set a key
    Set {
        /// ca_certs, extra_ca_certs, client_cert, client_key, verify or min_tls_version
        key: String,
        /// The value; a path is absolute or begins with ~/
        value: String,
    },
    /// Remove a key
    Unset {
        /// ca_certs, extra_ca_certs, client_cert, client_key, verify or min_tls_version
        key: String,
    },
}
