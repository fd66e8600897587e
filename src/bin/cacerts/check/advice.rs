//! What to do where a CA is missing: by where it is, and by whose the store is. Pure.
//!
//! Nothing that a server sent becomes part of a command but letters, digits and hyphens.

use super::Used;
use super::brief::brief;
use super::cause::Cause;
use super::elsewhere::{Found, How, System};
use crate::shown::shown;
use cacerts::Origin;
use std::path::Path;

/// How long the name of a file may be.
const NAME: usize = 40;

/// Says where the CA is, or how to come by it. `system` is the one whose store is in use.
pub(super) fn complete(
    mut cause: Cause,
    found: Option<&Found>,
    system: Option<&System>,
    used: &Used,
    proxy: Option<&str>,
) -> Cause {
    let Some(wanted) = cause.wanted.clone() else { return cause };
    let ca = brief(&wanted.short());
    match found {
        Some(Found { path, how }) => elsewhere(cause, path, how, system, used),
        None if cause.reason == "unknown-issuer" => {
            let step = match system {
                Some(system) => {
                    let place = system.place(&file_name(&wanted.short()));
                    format!(
                        "To trust it on this machine, get the certificate of \"{ca}\" from that CA's owner, \
                         never from this connection, then\n    cp FILE {place} &&\n    {}\nor, for this command \
                         alone,\n    --extra-ca-certs FILE",
                        system.command
                    )
                }
                None => format!(
                    "To trust it, get the certificate of \"{ca}\" from that CA's owner, never from this \
                     connection, and add it to {} ({}), or name it beside that\n    --extra-ca-certs FILE",
                    shown(&used.path.to_string_lossy()),
                    used.setting
                ),
            };
            // Before what holds in another case.
            cause.steps.insert(0, step);
            if let Some(proxy) = proxy {
                cause.steps.push(format!(
                    "A proxy that looks into TLS shows certificates of its own CA: if \"{ca}\" is that, whoever \
                     runs {proxy} has its certificate."
                ));
            }
            cause
        }
        None => cause,
    }
}

/// Says where the server's own certificate is passed over.
pub(super) fn own(mut cause: Cause, found: Option<&Found>) -> Cause {
    if let Some(Found { path, how: How::Unhashed { directory, is_ready, has_dead_links } }) = found
    {
        let (at, step) =
            (shown(&path.to_string_lossy()), take_in(directory, *is_ready, *has_dead_links));
        let step = format!(
            "It is in {at}, which does not count: it is not named by its hash, as others there are. {step}"
        );
        cause.steps.insert(0, step);
    }
    cause
}

/// Has a directory's files named by their hashes. `openssl rehash` keeps links that lead nowhere.
fn take_in(directory: &Path, is_ready: bool, has_dead_links: bool) -> String {
    let first = match is_ready {
        true => "",
        false => "give it a file of its own there, whose name ends in .pem, and ",
    };
    let directory = quoted(directory);
    let clean = match has_dead_links {
        true => format!("    find -L {directory} -maxdepth 1 -type l -delete &&\n"),
        false => String::new(),
    };
    format!("If you trust it, {first}take it in:\n{clean}    openssl rehash {directory}")
}

fn elsewhere(cause: Cause, path: &Path, how: &How, system: Option<&System>, used: &Used) -> Cause {
    let at = shown(&path.to_string_lossy());
    let file = quoted(path);
    // Taking it in is of use for the store in use alone.
    let take_in_by = |way: &System, commands: String| match system {
        Some(system) if system == way => format!("If you trust it, take it in:\n{commands}"),
        _ => format!("If you trust it, name it beside the store\n    --extra-ca-certs {file}"),
    };
    let (reason, why, step) = match how {
        How::Ending(way, ending) => {
            let commands =
                format!("    mv {file} {} &&\n    {}", renamed(path, ending), way.command);
            (
                "ca-file-ignored",
                format!("which {} passes over: its name does not end in {ending}", way.command),
                take_in_by(way, commands),
            )
        }
        How::Waiting(way) => (
            "ca-not-installed",
            format!("which {} has not taken in yet", way.command),
            take_in_by(way, format!("    {}", way.command)),
        ),
        How::Store => (
            "ca-in-other-store",
            "which is not the store in use".to_owned(),
            match used.origin {
                // People forget that they have set a variable.
                Origin::Environment => format!(
                    "If that store is meant: {} names the one in use. Unset it (`cacerts explain` tells \
                     which is next), or name the other one, for this command with\n    --ca-certs {file}",
                    used.setting
                ),
                _ => format!(
                    "If that store is meant, name it, for this command with\n    --ca-certs {file}"
                ),
            },
        ),
        How::Unhashed { directory, is_ready, has_dead_links } => {
            let after_link =
                if *has_dead_links { ", or after a link that leads nowhere" } else { "" };
            (
                "ca-file-ignored",
                format!(
                    "which does not count: it is not named by its hash, as others there are{after_link}"
                ),
                take_in(directory, *is_ready, *has_dead_links),
            )
        }
    };
    let sentence = format!("is not trusted: its CA is not in the store, but in {at}, {why}");
    Cause { reason, sentence, steps: vec![step], ..cause }
}

fn renamed(path: &Path, ending: &str) -> String {
    let stem = path.with_extension("");
    let mut name = stem.into_os_string();
    name.push(ending);
    quoted(Path::new(&name))
}

/// As the shell takes it for one word; `FILE` where it cannot be written down.
fn quoted(path: &Path) -> String {
    if cfg!(windows) {
        return quoted_on_windows(path);
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "/.:_-+=,@%".contains(c);
    match path.to_str() {
        Some(text) if text.chars().all(plain) => text.to_owned(),
        Some(text) if shown(text) == text => {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
        _ => "FILE".to_owned(),
    }
}

/// The same for cmd as well as for PowerShell, which agree on no way to write some characters.
fn quoted_on_windows(path: &Path) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || r"\/.:_-+".contains(c);
    match path.to_str() {
        Some(text) if text.chars().all(plain) => text.to_owned(),
        // In double quotes all but these stand for themselves, and a backslash but before the last.
        Some(text)
            if shown(text) == text
                && !text.contains(['"', '“', '”', '„', '%', '$', '`', '!'])
                && !text.ends_with('\\') =>
        {
            format!("\"{text}\"")
        }
        _ => "FILE".to_owned(),
    }
}

/// A name for the file of a CA, of letters, digits and single hyphens.
fn file_name(name: &str) -> String {
    let mut file = String::new();
    for char in name.chars().map(|char| char.to_ascii_lowercase()) {
        match char {
            'a'..='z' | '0'..='9' => file.push(char),
            _ if !file.is_empty() && !file.ends_with('-') => file.push('-'),
            _ => {}
        }
    }
    file.truncate(NAME);
    let file = file.trim_end_matches('-');
    if file.is_empty() { "ca".to_owned() } else { file.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::Used;
    use super::super::cause::Cause;
    use super::super::certificate::Named;
    use super::super::elsewhere::{Found, How, System};
    use super::{complete, file_name, quoted, quoted_on_windows, renamed};
    use cacerts::Origin;
    use std::fs;
    use std::path::Path;

    fn used(setting: &str, origin: Origin) -> Used {
        Used { path: "/s.pem".into(), setting: setting.to_owned(), origin, certificates: None }
    }

    /// A cause that wants a CA, as it is advised on.
    fn advised(reason: &'static str, how: Option<How>, system: Option<&System>) -> Cause {
        let mut wanted = Named::default();
        wanted.common_name = Some("Corp $(x) Root".to_owned());
        let cause = Cause::wanting(reason, wanted);
        let found = how.map(|how| Found { path: "/a/my corp.pem".into(), how });
        let used = used("--ca-certs", Origin::Argument);
        complete(cause, found.as_ref(), system, &used, None)
    }

    #[test]
    fn the_step_is_the_one_of_this_system() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("usr/local/share/ca-certificates")).unwrap();
        let debian = System::of(root.path(), Path::new("/etc/ssl/certs/ca-certificates.crt"));
        let way = debian.unwrap();
        for (how, system, reason, step) in [
            (
                None,
                debian,
                "unknown-issuer",
                "\n    cp FILE /usr/local/share/ca-certificates/corp-x-root.crt &&\n    update-ca-certificates\n",
            ),
            (
                None,
                None,
                "unknown-issuer",
                "add it to /s.pem (--ca-certs), or name it beside that\n    --extra-ca-certs FILE",
            ),
            (
                Some(How::Ending(way, ".crt")),
                debian,
                "ca-file-ignored",
                "\n    mv '/a/my corp.pem' '/a/my corp.crt' &&\n    update-ca-certificates",
            ),
            (
                Some(How::Ending(way, ".crt")),
                None,
                "ca-file-ignored",
                "\n    --extra-ca-certs '/a/my corp.pem'",
            ),
            (
                Some(How::Waiting(way)),
                debian,
                "ca-not-installed",
                "take it in:\n    update-ca-certificates",
            ),
            (Some(How::Store), debian, "ca-in-other-store", "\n    --ca-certs '/a/my corp.pem'"),
            (
                Some(How::Unhashed {
                    directory: "/a b".into(),
                    is_ready: true,
                    has_dead_links: false,
                }),
                None,
                "ca-file-ignored",
                "If you trust it, take it in:\n    openssl rehash '/a b'",
            ),
            (
                Some(How::Unhashed {
                    directory: "/a".into(),
                    is_ready: false,
                    has_dead_links: false,
                }),
                debian,
                "ca-file-ignored",
                "whose name ends in .pem, and take it in:\n    openssl rehash /a",
            ),
            (
                Some(How::Unhashed {
                    directory: "/a".into(),
                    is_ready: true,
                    has_dead_links: true,
                }),
                debian,
                "ca-file-ignored",
                "in:\n    find -L /a -maxdepth 1 -type l -delete &&\n    openssl rehash /a",
            ),
        ] {
            let cause = advised("unknown-issuer", how, system);
            assert_eq!(cause.reason, reason);
            assert!(cause.steps[0].contains(step), "{cause:?}");
            let commands = cause.steps.iter().flat_map(|step| step.lines());
            let mut commands = commands.filter(|line| line.starts_with("    "));
            assert!(commands.all(|line| !line.contains("$(")), "{cause:?}");
        }
        // What is not about a missing CA stays as it is.
        assert_eq!(advised("ca-key-changed", None, debian).steps, Vec::<String>::new());
    }

    #[test]
    fn what_a_variable_names_is_undone_by_unsetting_it() {
        for (setting, origin, is_variable) in [
            ("SSL_CERT_FILE", Origin::Environment, true),
            ("OS_CACERT", Origin::Environment, true),
            ("CACERTS_DEFAULT_PATH", Origin::BuiltIn, false),
            ("CACERTS_SEARCH_PATHS", Origin::Search, false),
            ("--ca-certs", Origin::Argument, false),
            ("ca_certs in /etc/cacerts/config.toml", Origin::Config, false),
        ] {
            let found = Found { path: "/a.pem".into(), how: How::Store };
            let cause = Cause::wanting("unknown-issuer", Named::default());
            let cause = complete(cause, Some(&found), None, &used(setting, origin), None);
            assert_eq!(
                cause.steps[0].contains(&format!("{setting} names the one in use. Unset it")),
                is_variable
            );
            assert!(cause.steps[0].ends_with("\n    --ca-certs /a.pem"), "{cause:?}");
        }
    }

    #[test]
    fn nothing_of_a_server_becomes_part_of_a_command() {
        for (name, expected) in [
            ("Example Corp Root CA", "example-corp-root-ca"),
            ("; rm -rf / #", "rm-rf"),
            ("$(reboot) `x` && \u{202e}\u{1b}[m y\n", "reboot-x-m-y"),
            ("../../etc/passwd", "etc-passwd"),
            ("認証局", "ca"),
            ("", "ca"),
            (&"long ".repeat(100), "long-long-long-long-long-long-long-long"),
        ] {
            assert_eq!(file_name(name), expected);
        }
    }

    #[test]
    fn files_of_this_machine_are_quoted() {
        for (path, quoted_path, new) in [
            ("/a/corp.pem", "/a/corp.pem", "/a/corp.crt"),
            ("/a/my corp", "'/a/my corp'", "'/a/my corp.crt'"),
            ("/a/it's.pem", r"'/a/it'\''s.pem'", r"'/a/it'\''s.crt'"),
            ("/a/\u{1b}[m", "FILE", "FILE"),
        ] {
            let path = Path::new(path);
            assert_eq!(
                (quoted(path), renamed(path, ".crt")),
                (quoted_path.to_owned(), new.to_owned())
            );
        }
    }

    #[test]
    fn files_of_windows_are_quoted_for_both_of_its_shells() {
        for (path, expected) in [
            (r"C:\ssl\corp.pem", r"C:\ssl\corp.pem"),
            (r"C:\my ssl\corp & it's.pem", r#""C:\my ssl\corp & it's.pem""#),
            (r"C:\my ssl\", "FILE"),
            (r"C:\100%\corp.pem", "FILE"),
            (r"C:\$x\corp.pem", "FILE"),
            ("C:\\a\u{202e}b.pem", "FILE"),
        ] {
            assert_eq!(quoted_on_windows(Path::new(path)), expected);
        }
    }
}
