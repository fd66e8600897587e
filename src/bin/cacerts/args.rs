//! The command line.

use cacerts::{Arguments, Names, Naming};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// Tells which CA store TLS clients trust and why, and tries it out.
#[derive(Parser)]
#[command(name = "cacerts", version)]
#[command(after_help = EXIT_STATUS, after_long_help = format!("{EXAMPLES}\n\n{EXIT_STATUS}"))]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) options: Options,
}

const EXIT_STATUS: &str = "\
Exit status: 0 yes or done, 1 the answer is no, 2 wrong usage or configuration,
3 no answer: the server is not reached or does not answer in time, or a proxy
or the network is in the way.";

/// Here and below, a line for the command and one for what it tells; the man page has them, too.
const EXAMPLES: &str = "\
Examples:
  cacerts explain
      Which store is trusted, which setting named it, and why no other.
  cacerts list --expires-within 90
      What in it has expired, or will have in 90 days?
  cacerts diff /var/backups/ca-certificates.crt
      What is trusted now and was not then, and the other way round?
  cacerts get https://www.example.org/
      Fetch a page from a server that is verified.
  cacerts check --ca-certs ./ca.pem localhost:8443
      Is a server trusted by the roots of this file alone, and if not, why not?
  cacerts inspect /usr/bin/app
      What does a finished program trust?
  cacerts config set extra_ca_certs /etc/ssl/test-ca.pem
      From now on, trust that one in addition.";

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
    ///
    /// First the store: which setting named it, what is in it, where its link leads, its owner, mode, time and
    /// SHA-256, and a warning where others may write to it, to a directory on the way, or to a link's. Not
    /// looked at are access control lists. Then every place where a store can be named, and by what the proxy
    /// is set.
    #[command(after_long_help = EXPLAIN)]
    Explain {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the certificates in the store, or in a file
    ///
    /// A line for each: its name, its organisation, until when it is valid, its key and the SHA-256 of its
    /// DER; behind them, what is not usual about it: expired, not yet valid, no CA (it says CA:FALSE and may
    /// vouch for itself only), cannot be parsed. On a terminal the lines fit into its width, and of the
    /// fingerprint there are 8 digits. In a pipe or a file nothing is cut.
    #[command(after_long_help = LIST)]
    List(List),
    /// Tell what one store has and the other has not
    ///
    /// A line for each, as `list` has it: with - for what is in the first only, and + for what is in the
    /// second only. Where the subject and the key are the same and the certificate is another one, both are
    /// marked as renewed.
    #[command(after_long_help = DIFF)]
    Diff(Diff),
    /// Fetch an address from a server that is verified
    #[command(after_long_help = GET)]
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

/// What the exit status of `explain` says.
const EXPLAIN: &str = "\
Examples:
  cacerts explain --json | jq -r .source.path
      Nothing but the path, as a script takes it.
  SSL_CERT_FILE=/etc/ssl/test-ca.pem cacerts explain
      What would be trusted if that were set?

Exit status: 1 or 2 if the store cannot be used: 2 where a setting named it, 1 where it is built in.";

const GET: &str = "\
Examples:
  cacerts get -o page.html https://www.example.org/
      Into a file, which stays as it was if anything fails.
  cacerts get -v --ca-certs ./ca.pem https://localhost:8443/
      By the roots of this file alone, and with the same as a curl command.";

/// What cannot be told from its line, and what the exit status of `check` says.
const CHECK: &str = "\
Examples:
  cacerts check --ca-certs ./ca.pem localhost:8443
      Is a server trusted by the roots of this file alone, and if not, why not?
  cacerts check --starttls smtp --expires-within 14 mail.example.org
      Is a mail server trusted, and will it be for two weeks more?
  cacerts check www.example.org --connect 192.0.2.1
      The same server on another address.

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
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
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

/// What the exit status of `list` says.
const LIST: &str = "\
Examples:
  cacerts list isrg
      What of the store has that in its name?
  cacerts list --full 96bcec06
      The one with this fingerprint, in full.
  cacerts list --pem 96bcec06 > isrg.pem
      A file with that one alone.
  cacerts list ./chain.pem
      What is in this file?

Exit status: 1 if nothing is left of the store's certificates.";

#[derive(ClapArgs)]
pub(crate) struct List {
    /// What has a / in it is the path of a PEM file or a directory: its certificates alone are listed.
    /// Anything else is looked for in the subjects, in capitals or not; 8 and more hex digits are also the
    /// beginning of a fingerprint
    #[arg(value_name = "TEXT|PATH")]
    pub(crate) what: Option<OsString>,
    /// Only those that have expired or will have in this many days
    #[arg(long, value_name = "DAYS")]
    pub(crate) expires_within: Option<u32>,
    /// Show each in full
    #[arg(long, group = "form")]
    pub(crate) full: bool,
    /// Print PEM
    #[arg(long, group = "form")]
    pub(crate) pem: bool,
    /// Print JSON
    #[arg(long, group = "form")]
    pub(crate) json: bool,
}

/// What the exit status of `diff` says.
const DIFF: &str = "\
Examples:
  cacerts diff /var/backups/ca-certificates.crt
      What has an upgrade changed since this copy was made?
  cacerts diff old.pem /etc/ssl/certs
      A file and a directory.

Exit status: 0 if both have the same certificates, 1 if not, 2 if one of them cannot be used.";

#[derive(ClapArgs)]
pub(crate) struct Diff {
    /// A PEM file or a directory
    #[arg(value_name = "STORE")]
    pub(crate) first: PathBuf,
    /// What it is compared with [default: the store that is trusted]
    #[arg(value_name = "OTHER")]
    pub(crate) second: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
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

Of a PE file, a program of Windows, it is not told which libraries it is linked with.

--expect goes by the notes alone. A program with the right path may also embed roots, which --deny embedded-roots \
forbids, go through other paths (--deny guessing is for programs that nobody has decided about), or ask OpenSSL or \
libcurl; that is no failure, because it may be meant, but its line says so.

Exit status: 1 if a check fails, if anything could not be read, and, without a check, if a file that was \
named has no note, nor has anything in it.

Packages are looked into without unpacking them: .deb, .rpm, .apk of version 2, .pkg.tar.zst, .crate, .whl and \
other zip files, tar and cpio archives, and what bzip2, gzip, xz or zstd has compressed; one archive in another, \
and no more. (Of a file of more than 8 MiB, in a package 24, a part at a time is in memory. A program or an archive \
that is as large in a package is put into a file without a name while it is looked at, in TMPDIR or /tmp. Up to \
four files are looked into at a time, and what unpacks one may take 128 MiB beside that.) What is in them is told as \
PACKAGE!PATH. What cannot be looked into fails every check: an .apk of version 3, a program that UPX or another has \
packed, an AppImage, a script with data in it, and a file that is named and begins as those of lzma, lz4, 7z, \
squashfs, age or others do; so does a package that cannot be read to its end, or that unpacks to far more than its \
size (32 MiB and a hundred times as much). It is a warning if a .deb, .rpm, .apk or .pkg.tar.zst does not \
depend on what provides the store which a program in it trusts.

Below a directory only files with something to say are shown, links are not followed, and FIFOs, sockets and devices \
are not opened. In the end it is told of how many files trust is decided by what: each counts once.

Examples:
  cacerts inspect --expect /etc/ssl/certs/ca-certificates.crt target/release/app
      Fail if it trusts anything else.
  cacerts inspect --deny embedded-roots debian/app
      Fail if a file of the package has roots of its own.";

#[derive(ClapArgs)]
pub(crate) struct Inspect {
    /// Programs, libraries (ELF of any architecture, PE), packages or any other files; directories are walked
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Print JSON: an array of the ELF and PE files, and of others with something to say
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

const SET: &str = "\
Examples:
  cacerts config set ca_certs /etc/ssl/example-ca.pem
      Trust that store instead of any other, in the file of this user.
  cacerts config set --config /etc/cacerts/config.toml min_tls_version 1.3
      For all users who do not say otherwise.";

#[derive(Subcommand)]
pub(crate) enum Config {
    /// Print the value that the configuration files, or else what is built in, give a key
    Get {
        /// ca_certs, extra_ca_certs, client_cert, client_key, verify or min_tls_version; without it,
        /// all that have a value
        key: Option<String>,
    },
    /// Set a key, and tell at once of what cannot be used
    #[command(after_long_help = SET)]
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
