//! The command line.

use cacerts::{Arguments, Names, Naming};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Tells which CA store TLS clients trust and why, and tries it out.
#[derive(Parser)]
#[command(name = "cacerts", version, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 yes or done, 1 the answer is no, 2 wrong usage or configuration, \
                  3 no answer \
                  (check)."
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
    #[command(after_long_help = CHECK)]
    Check(Check),
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

/// What cannot be told from its line, and what the exit status of `check` says.
const CHECK: &str = "\
It tells what the server sent, which root that leads to, or why it leads to none, and what to do about that. The \
proxy is the one of https_proxy and all_proxy, with the exceptions in no_proxy. A certificate to be trusted comes \
from its CA's owner, never from the connection that it is to make trusted.

Exit status: 0 if the server is trusted and takes this client; 1 if not, and if --expires-within is not kept; 2 if \
something here is set wrong; 3 if there is no answer: it was not reached, or does not speak TLS.";

#[derive(ClapArgs)]
pub(crate) struct Check {
    /// HOST, HOST:PORT, an https:// address, or imap://, ldap://, pop3://, postgres:// or smtp://HOST
    pub(crate) server: String,
    /// The port, where it does not stand behind the host [default: 443, or the protocol's]
    pub(crate) port: Option<u16>,
    /// Begin in this protocol, and go over to TLS
    #[arg(long, value_name = "PROTOCOL")]
    pub(crate) starttls: Option<Protocol>,
    /// Ask for this name (SNI), which the certificate has to be for
    #[arg(long, value_name = "NAME")]
    pub(crate) server_name: Option<String>,
    /// Connect to this HOST or HOST:PORT, and ask for the server all the same
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) connect: Option<String>,
    /// Fail if one of its certificates, or the root, runs out within so many days
    #[arg(long, value_name = "DAYS")]
    pub(crate) expires_within: Option<u32>,
    /// Print what the server sent, in PEM, and nothing else; trusted or not
    #[arg(long, conflicts_with = "json")]
    pub(crate) pem: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A protocol in which TLS begins after some words.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Protocol {
    Imap,
    Ldap,
    Pop3,
    Postgres,
    Smtp,
}

/// What cannot be told from its line, and what the exit status of `inspect` says.
const INSPECT: &str = "\
A program that trusts a path goes by it in all that is over cacerts. One that is told a path has only the drop-in \
for openssl-probe, which tells it to whoever asks, and OpenSSL adds its own default paths to it. One that guesses \
by the list of openssl-probe 0.1 joins its directories and file names, so that no path stands in it whole. No \
drop-in reaches libcurl: it trusts what it was built with and, as the crate curl uses it, heeds neither \
SSL_CERT_FILE nor SSL_CERT_DIR.

--expect goes by the notes alone. A program with the right path may also embed roots, which --deny forbids, \
guess, or ask OpenSSL or libcurl; that is no failure, because it may be meant, but its line says so.

Exit status: 1 if a check fails, if anything could not be read, and, without a check, if a file that was \
named has no note. What is compressed is not looked into: a package (.deb, .rpm) fails every check, and so does \
a file that is named and begins as those of gzip, compress, xz, lzma, lzip, zstd, lz4, bzip2, zip or 7z do. Below \
a directory only files with something to say are shown, links are not followed, and FIFOs, sockets and devices \
are not opened.";

#[derive(ClapArgs)]
pub(crate) struct Inspect {
    /// Programs, libraries (ELF, any architecture) or any other files; directories are walked
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Print JSON: an array of the ELF files and of the others with something to say
    #[arg(long)]
    pub(crate) json: bool,
    /// Fail if a file has notes with another path than exactly this (none: nothing baked in), or has
    /// no note although it was named itself; below a directory those without one pass
    #[arg(long, value_name = "PATH")]
    pub(crate) expect: Option<String>,
    /// Fail if a file has embedded roots, or if there is no store to look for
    #[arg(long, value_name = "WHAT")]
    pub(crate) deny: Vec<Deny>,
}

/// What `inspect` can be told to forbid.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Deny {
    EmbeddedRoots,
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
