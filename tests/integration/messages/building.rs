//! What a maintainer is told: where a program is built with the drop-ins, and of settings that cannot be
//! baked in. These are in the words of the library's build script, whose code `cargo cacerts` has.

#[path = "../../cargo-cacerts/world.rs"]
#[allow(dead_code, reason = "it is for the tests of that command")]
mod world;

use super::page::{Page, set};
use crate::support::command::Run;
use world::World;

const BUILD: &str = "\
## The build

What the library's build script says, by `cargo cacerts`, which decides by the same code.";

pub(super) fn say(page: &mut Page) {
    let world = World::new("messages");
    page.head("## `cargo cacerts`");
    cargo(page, &world, "What there is not", "app", 2, "biuld", &[]);
    cargo(page, &world, "No program", "empty", 101, "build", &[]);
    let none = [("CACERTS_DEFAULT_PATH", "none")];
    cargo(page, &world, "No store", "app", 2, "build", &none);
    world.program("", "openssl-probe = \"0.3\"\n", "fn main() {}");
    cargo(page, &world, "An original without a drop-in", "app", 1, "build", &[]);
    world.package("fork", "openssl-probe", "0.2.1", "", "src/lib.rs", "");
    world.program("", "openssl-probe = { path = \"../fork\" }\n", "fn main() {}");
    cargo(page, &world, "An original from elsewhere", "app", 1, "build", &[]);

    page.head(BUILD);
    for (cause, variable, value) in [
        ("A relative path", "CACERTS_DEFAULT_PATH", "etc/ssl/certs/ca-certificates.crt"),
        ("A path that leads up", "CACERTS_DEFAULT_PATH", "/etc/ssl/../ca.pem"),
        ("A variable that is nearly one", "CACERTS_DEFAULTS_PATH", "/etc/ssl/cert.pem"),
        ("A key that is none of the variables", "CACERTS_TLS_MIN_VERSION", "1.3"),
        ("No such file of settings", "CACERTS_DEFAULTS_FILE", "/nowhere/own.toml"),
        ("A file of settings by a relative path", "CACERTS_DEFAULTS_FILE", "own.toml"),
    ] {
        cargo(page, &world, cause, "app", 2, "build", &[(variable, value)]);
    }
    for (cause, text) in [
        ("A line without quotes", "CACERTS_DEFAULT_PATH = /etc/ssl/cert.pem\n"),
        ("A key twice", "CACERTS_DEFAULT_PATH = \"/a\"\nCACERTS_DEFAULT_PATH = \"/b\"\n"),
        ("A key that is none", "DEFAULT_PATH = \"/etc/ssl/cert.pem\"\n"),
        ("A value of another kind", "CACERTS_SEARCH_PATHS = \"/etc/ssl/cert.pem\"\n"),
        ("A TLS version that is too old", "CACERTS_TLS_MIN_VERSION = \"1.1\"\n"),
    ] {
        let own = world.write("own.toml", text);
        let own = [("CACERTS_DEFAULTS_FILE", own.to_str().unwrap())];
        let text = text.trim_end().replace('\n', "`, `");
        cargo(page, &world, &format!("{cause}, as in `{text}`"), "app", 2, "build", &own);
    }
}

/// What is said to who types this in a folder.
#[track_caller]
fn cargo(
    page: &mut Page,
    world: &World,
    cause: &str,
    folder: &str,
    code: i32,
    typed: &str,
    variables: &[(&str, &str)],
) {
    std::fs::create_dir_all(world.root.join(folder)).unwrap();
    let run = world.start_in(folder, &[typed], variables).end();
    let here = |text: &str| {
        let text = text.replace(world.root.join(folder).to_str().unwrap(), "/dir");
        text.replace(world.root.to_str().unwrap(), "")
    };
    // Of several lines the first is ours; cargo's own differ by its version.
    let stderr = here(run.stderr.lines().next().unwrap_or_default());
    let run = Run { code: run.status.code(), stdout: here(&run.stdout), stderr, peak: 0 };
    page.tell(cause, code, &here(&set(variables, &format!("cargo cacerts {typed}"))), &run, None);
}
