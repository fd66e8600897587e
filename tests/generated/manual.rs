//! The man pages: cacerts(1) from the command's arguments, cacerts(5) from the configuration file that
//! packages bring along. It uses clap and roff.

use clap::{Arg, Command};
use roff::{Inline, Roff, bold, italic, roman};
use std::fmt::Write;

/// What arguments cannot tell.
const ENVIRONMENT: [(&str, &str); 4] = [
    ("OS_CACERT", "The store, a PEM file or a directory. Beats the two below."),
    (
        "SSL_CERT_FILE, SSL_CERT_DIR",
        "The store as OpenSSL is told of it: a PEM file, directories. If either is set, nothing \
         else is trusted. Of several directories, one that is missing or empty is only warned of. A \
         variable of the distribution's own, which its packager has named, takes the place of \
         SSL_CERT_FILE. What is set to the empty string counts as not set. curl's CURL_CA_BUNDLE is not \
         read.",
    ),
    (
        "https_proxy, http_proxy, all_proxy, no_proxy",
        "The HTTP proxy, http://HOST:PORT or http://USER:PASSWORD@HOST:PORT with percent encoding (the \
         port is 1080 where none is given); all_proxy is for addresses of both kinds, where theirs is \
         not set. no_proxy has what is reached without one: names, which cover all names below them, \
         addresses, networks such as 10.0.0.0/8, each of these with a port or without, and *; no name is \
         looked up to be compared with an address. In capitals, too, but for http_proxy.",
    ),
    ("XDG_CONFIG_HOME", "Where the user's configuration is, instead of ~/.config."),
];
const FILES: [(&str, &str); 2] = [
    (
        "~/.config/cacerts/config.toml",
        "The user's configuration, see cacerts(5). It beats the system's, key by key. On Windows it is \
         %APPDATA%\\cacerts\\config.toml.",
    ),
    ("/etc/cacerts/config.toml", "The system's configuration. Nothing is set in it as it comes."),
];

/// The keys of what `--json` prints; a test compares them with what is printed.
const JSON: [(&str, &str); 6] = [
    ("defaults --json", "An object: each constant by its name, null where it is not set."),
    (
        "explain --json",
        "An object. verify: whether servers are verified. sources, and extra for what is trusted in \
         addition: an array of stores; source is the first. Each has path, kind (file or directory), \
         origin (argument, environment, config, built-in, search), setting, config (the \
         configuration file that names it), total (how many certificates are listed), certificates (how many CAs), not_ca (how many that say that they are none), repeated (those that are there once more), \
         marks (how many have something that is not usual, as in the table of list: mark and count), \
         skipped (how many), distrusted (what is rejected: path, line, sha256), skipped_entries (each with path, line and reason) and error. Also links \
         (where the path leads, one after the other), owner, group, mode (in octal), modified, sha256 (of \
         a file) and warnings (what others may write to). candidates: every place where a store can be \
         named, highest first, each with origin, setting, config, paths, chosen and outcome; the paths of \
         a search list that does not come into question are one. proxy: https, http and except, each null \
         or an object with setting (the variable) and value, without user and password. error: why the \
         store cannot be used, or null.",
    ),
    (
        "list --json",
        "An array of the certificates, in the order of the store: sha256 (of its DER), name (the common \
         name, or what else it is known by), organisation, subject and issuer (as RFC 4514 has them), \
         serial, not_before, not_after, key, ca (what it says of itself, or null), names (DNS names and \
         addresses that it is for) and marks (what is not usual about it, as in the table). All but \
         sha256 and marks are null where it cannot be parsed.",
    ),
    (
        "diff --json",
        "An object: first and second (the paths of the stores), removed (what is in the first only), \
         added (what is in the second only) and renewed (pairs of old and new), each certificate as in \
         list --json.",
    ),
    (
        "check --json",
        "An object. server (HOST:PORT), server_name (what the certificate has to be for), address (what was \
         connected to), proxy (url and setting, or null). verified: true, false, or null where it did not \
         come to a verdict. reason: a word that stays for each cause, or null; kind (of the error, as \
         cacerts::ErrorKind has it: ServerNotTrusted, Connection, ...), message (a sentence), certificate \
         (which one of the chain is to blame), wanted (the CA that is missing), steps (what to do), stage (what \
         failed: settings, lookup, connect, proxy, starttls, tls; or done). tls_version, cipher_suite, group, \
         alpn. certificate_request: what the server asked for, whether a client certificate was shown, and \
         the authorities that it takes; or null. chain: the certificates as sent, each with subject, issuer, \
         not_before, not_after, names, key, signature and sha256; root: the one of the store that they lead \
         to; pinned: whether that is the server's own certificate. store: an array of path, setting, and certificates (how many, where all were read). refused_by_others: who refuses this server although it is trusted here, and \
         why, as -v shows it. trusted: \
         what is trusted, in words. Reasons are, of certificates: unknown-issuer, missing-intermediate, \
         wrong-intermediate, self-signed, ca-key-changed, ca-name-encoding, ca-in-other-store, \
         ca-file-ignored, ca-not-installed, expired, not-yet-valid, expires-soon, wrong-name, wrong-address, \
         common-name-only, ca-as-server, not-a-ca, name-constraints, critical-extension, version-1, \
         wrong-purpose, path-too-long, chain-too-deep, chain-too-complex, unsupported-algorithm, \
         weak-algorithm, weak-key, bad-signature, wrong-key, distrusted, unreadable-certificate, no-certificate, \
         certificate-refused, verification-off. Of this client: client-certificate-required, \
         client-certificate-expired, client-certificate-unknown-ca, client-certificate-refused, \
         client-certificate-unusable, store-missing, store-link, store-unusable, no-store, setting. Of the \
         network: unknown-host, lookup-failed, refused, silent, unreachable, closed, the same with proxy- \
         before them where it is the proxy, proxy-authentication, proxy-forbidden, proxy-failed, \
         chain-too-large, no-common-version, no-common-suite, plain-http, starttls-needed, \
         starttls-not-needed, no-starttls, other-protocol, not-tls, unrecognised-name, alert, tls-failed.",
    ),
    (
        "inspect --json",
        "An array of the files, or with --json-lines a line for each: path, kind (elf, pe, mach-o, archive, deb, rpm, apk, tar, cpio, compressed, \
         encrypted, script, text, empty, other), cacerts (the constants in the note of the library, or null), drop_ins \
         (the crates that others stand in for: name, version, and the path that each tells, or null \
         for one that goes by the library), embedded_roots (embedded: whether there is a list of \
         roots; store: how many CAs are looked for; found: how many of them there are in any form, \
         as certificates, keys or pem; pem_certificates: how many PEM blocks are certificates; \
         other_roots: how many of those are roots that are not in the store), bundle_paths (also \
         those that a list in parts makes), guesses (whose list in parts that is, or null), guessing \
         (whether it is a program with a list of paths and without a note), crates (name and version of \
         those that decide on trust, as far as they are known), links (files by library: OpenSSL, GnuTLS, NSS, libcurl), contains (OpenSSL, where it is in the \
         file itself), files (of a package that was looked into, how many are in it; each with \
         something to say comes before, its path after that of the package and a `!`), unseen (what it is, where its content cannot be seen, such as a packed \
         program, or null) and error.",
    ),
];

/// cacerts(1): one page, with a section for each subcommand.
pub(crate) fn command(mut command: Command) -> String {
    command = command.disable_help_subcommand(true);
    command.build();
    let about = command.get_about().unwrap().to_string();
    let (first, rest) = about.split_at(1);
    let mut page = title(1, &format!("{}{rest}", first.to_lowercase()));
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    roff.text([bold("cacerts"), roman(" ["), italic("option"), roman("]... "), italic("command")]);
    roff.control("SH", ["DESCRIPTION"]);
    sentences(&mut roff, &ended(&about));
    sentences(
        &mut roff,
        "The first of these that is set decides, alone: an argument, OS_CACERT, SSL_CERT_FILE and \
         SSL_CERT_DIR, the user's configuration, the system's, the path that is built in, and only \
         where none is, a list of known places. What is set and cannot be used is an error, and \
         nothing falls through to another store.",
    );
    sentences(
        &mut roff,
        "What says CA:FALSE is no CA. A server whose own certificate is in the store, byte for byte, is \
         trusted, but only where an argument, a variable or a configuration has named that store.",
    );
    roff.control("SH", ["COMMANDS"]);
    for (words, leaf) in leaves(&command) {
        subcommand(&mut roff, &words, leaf);
    }
    // Those that every subcommand takes, the ones of the library below a heading of their own.
    roff.control("SH", ["OPTIONS"]);
    let (headed, plain): (Vec<_>, Vec<_>) = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set())
        .partition(|arg| arg.get_help_heading().is_some());
    plain.into_iter().for_each(|arg| argument(&mut roff, arg));
    let mut heading = None;
    for arg in headed {
        if arg.get_help_heading() != heading {
            heading = arg.get_help_heading();
            roff.control("SS", heading);
        }
        argument(&mut roff, arg);
    }
    entries(&mut roff, "ENVIRONMENT", &ENVIRONMENT);
    entries(&mut roff, "FILES", &FILES);
    roff.control("SH", ["EXIT STATUS"]);
    let status = command.get_after_help().unwrap().to_string();
    sentences(&mut roff, status.strip_prefix("Exit status: ").unwrap());
    entries(&mut roff, "JSON", &JSON);
    let more = command.get_after_long_help().unwrap().to_string();
    roff.control("SH", ["EXAMPLES"]);
    more.split("\n\n").for_each(|paragraph| examples(&mut roff, paragraph));
    roff.control("SH", ["SEE ALSO"]);
    roff.text([bold("cacerts"), roman("(5), "), bold("cargo-cacerts"), roman("(1)")]);
    page.push_str(&roff.to_roff());
    page
}

/// The subcommands that do something, with the words that lead to them.
fn leaves(command: &Command) -> Vec<(Vec<&str>, &Command)> {
    let mut leaves = Vec::new();
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        if sub.has_subcommands() {
            for (mut words, leaf) in self::leaves(sub) {
                words.insert(0, sub.get_name());
                leaves.push((words, leaf));
            }
        } else {
            leaves.push((vec![sub.get_name()], sub));
        }
    }
    leaves
}

fn subcommand(roff: &mut Roff, words: &[&str], command: &Command) {
    let own: Vec<&Arg> = command
        .get_arguments()
        .filter(|arg| !arg.is_global_set() && !arg.is_hide_set())
        .filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()))
        .collect();
    let mut usage = vec![bold(format!("cacerts {}", words.join(" ")))];
    for arg in own.iter().filter(|arg| !arg.is_positional()) {
        let required = arg.is_required_set();
        usage.push(roman(if required { " " } else { " [" }));
        usage.extend(flags(arg, false));
        usage.push(roman(if required { "" } else { "]" }));
    }
    for arg in own.iter().filter(|arg| arg.is_positional()) {
        usage.push(roman(if arg.is_required_set() { " " } else { " [" }));
        usage.push(italic(values(arg)));
        let many = arg.get_num_args().is_some_and(|range| range.max_values() > 1);
        usage.push(roman(if many { "..." } else { "" }));
        usage.push(roman(if arg.is_required_set() { "" } else { "]" }));
    }
    roff.control("SS", [words.join(" ").as_str()]);
    roff.text(usage);
    roff.control("PP", []);
    let about = command.get_long_about().or_else(|| command.get_about());
    let about = about.expect("each subcommand says what it does").to_string();
    sentences(roff, &about.split("\n\n").map(ended).collect::<Vec<_>>().join("\n\n"));
    own.into_iter().for_each(|arg| argument(roff, arg));
    let more = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    for paragraph in more.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
        roff.control("PP", []);
        if paragraph.starts_with(EXAMPLES) {
            roff.text([roman("Examples:")]);
            examples(roff, paragraph);
        } else {
            sentences(roff, paragraph);
        }
    }
}

/// How a paragraph of examples begins.
const EXAMPLES: &str = "Examples:\n";

/// The commands and what each of them tells, if a paragraph is one of examples.
fn examples(roff: &mut Roff, paragraph: &str) {
    let lines = paragraph.strip_prefix(EXAMPLES).unwrap_or_default().lines().map(str::trim);
    for example in lines.collect::<Vec<_>>().chunks(2) {
        let [command, words] = example else { panic!("a command without words: {example:?}") };
        roff.control("TP", []);
        roff.text([bold(*command)]);
        sentences(roff, words);
    }
}

/// An argument, and what it means.
fn argument(roff: &mut Roff, arg: &Arg) {
    roff.control("TP", []);
    roff.text(if arg.is_positional() { vec![italic(values(arg))] } else { flags(arg, true) });
    let help = arg.get_long_help().or_else(|| arg.get_help());
    let help = help.expect("each argument says what it is").to_string();
    // The page is no summary of anything.
    sentences(roff, &ended(help.split(" (see a summary").next().unwrap_or_default()));
    let possible = arg.get_possible_values();
    let possible: Vec<_> = possible.iter().map(|value| value.get_name()).collect();
    if arg.get_action().takes_values() && !possible.is_empty() {
        sentences(roff, &format!("One of: {}.", possible.join(", ")));
    }
}

/// `-o, --output FILE` with all its names, or `--output FILE`.
fn flags(arg: &Arg, all: bool) -> Vec<Inline> {
    let short = arg.get_short().filter(|_| all || arg.get_long().is_none());
    let mut names: Vec<_> = short.map(|short| format!("-{short}")).into_iter().collect();
    names.extend(arg.get_long().map(|long| format!("--{long}")));
    if all {
        let aliases = arg.get_visible_aliases().unwrap_or_default();
        names.extend(aliases.iter().map(|alias| format!("--{alias}")));
        let aliases = arg.get_visible_short_aliases().unwrap_or_default();
        names.extend(aliases.iter().map(|alias| format!("-{alias}")));
    }
    let mut parts = Vec::new();
    for name in names {
        if !parts.is_empty() {
            parts.push(roman(", "));
        }
        parts.push(bold(name));
    }
    if arg.get_action().takes_values() {
        parts.push(roman(" "));
        parts.push(italic(values(arg)));
    }
    parts
}

fn values(arg: &Arg) -> String {
    match arg.get_value_names() {
        Some(names) => names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" "),
        None => arg.get_id().as_str().to_uppercase(),
    }
}

/// The first lines. No date: a version has one, in the changelog.
fn title(section: u8, about: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let manual = if section == 1 { "User Commands" } else { "File Formats" };
    let mut roff = Roff::new();
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("cacerts - {about}"))]);
    let page = format!(".TH CACERTS {section} \"\" \"cacerts {version}\" \"{manual}\"\n");
    page + &roff.to_roff()
}

fn entries(roff: &mut Roff, title: &str, entries: &[(&str, &str)]) {
    roff.control("SH", [title]);
    for (name, text) in entries {
        roff.control("TP", []);
        roff.text([bold(*name)]);
        sentences(roff, text);
    }
}

/// Clap's help has no full stop at its end.
fn ended(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '?', '!']) { text.to_owned() } else { format!("{text}.") }
}

/// A paragraph for each one in the text, a line for each sentence.
fn sentences(roff: &mut Roff, text: &str) {
    for (number, paragraph) in text.split("\n\n").enumerate() {
        if number > 0 {
            roff.control("PP", []);
        }
        let paragraph = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        for sentence in paragraph.replace(". ", ".\n").lines() {
            // What stands between backticks is bold.
            let parts = sentence.split('`').enumerate();
            let part = |(n, part)| if n % 2 == 0 { roman(part) } else { bold(part) };
            roff.text(parts.map(part).collect::<Vec<_>>());
        }
    }
}

/// cacerts(5), from the comments of the file: a paragraph before keys belongs to them.
pub(crate) fn configuration(file: &str) -> String {
    let mut page = title(5, "configuration of the cacerts command");
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    roff.text([roman("~/.config/cacerts/config.toml")]);
    roff.control("br", []);
    roff.text([roman("/etc/cacerts/config.toml")]);
    roff.control("SH", ["DESCRIPTION"]);
    sentences(&mut roff, "The file is in TOML: a key, an equals sign and its value in each line.");
    let mut keys = false;
    for paragraph in file.split("\n\n") {
        let (mut text, mut examples) = (String::new(), Vec::new());
        for line in paragraph.lines() {
            match (line.strip_prefix("# "), line.strip_prefix('#')) {
                (Some(line), _) => writeln!(text, "{line}").unwrap(),
                (None, Some("")) => text.push('\n'),
                (None, Some(line)) => examples.push(line),
                (None, None) => panic!("packaging/config.toml sets something: {line}"),
            }
        }
        if examples.is_empty() {
            assert!(!keys, "packaging/config.toml: a paragraph without a key: {text}");
            sentences(&mut roff, &text);
            continue;
        }
        if !keys {
            roff.control("SH", ["KEYS"]);
            keys = true;
        }
        for (number, example) in examples.iter().enumerate() {
            let (key, value) = example.split_once(" = ").expect("an example is KEY = VALUE");
            roff.control(if number == 0 { "TP" } else { "TQ" }, []);
            roff.text([bold(key), roman(format!(" = {value}"))]);
        }
        sentences(&mut roff, &text);
    }
    roff.control("SH", ["SEE ALSO"]);
    roff.text([bold("cacerts"), roman("(1)")]);
    page.push_str(&roff.to_roff());
    page
}
