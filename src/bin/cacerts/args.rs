//! The command line.

use cacerts::{Arguments, Names, Naming};
use clap::{Args as ClapArgs, Parser, Subcommand};
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
    /// Tell what finished binaries trust, without running them
    Inspect {
        /// Programs or libraries (ELF, any architecture)
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Read or change the configuration: the user's file, or the one of --config
    #[command(subcommand)]
    Config(Config),
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
