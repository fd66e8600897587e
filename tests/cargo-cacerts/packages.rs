//! `deb` and `generate-rpm`, with tools of that name that do what the real ones do with cargo.

use crate::world::{STORE, World, has};
use cacerts::defaults::CACERTS_PACKAGE;

const DEB: &str = "test -n \"${NO_BUILD-}\" || cargo build --release >&2
mkdir -p ../tree/DEBIAN
printf 'Package: app\\nVersion: 1\\nArchitecture: all\\nMaintainer: t <t@t.example>\\nDescription: t\\n%s' \
    \"$CONTROL\" > ../tree/DEBIAN/control
dpkg-deb --root-owner-group -b ../tree ../app.deb >&2
echo ../app.deb
";

#[test]
fn a_deb_that_depends_on_nothing_is_told() {
    if !has("dpkg-deb") {
        eprintln!("there is no dpkg-deb to make a package with");
        return;
    }
    let Some(provider) = CACERTS_PACKAGE else { return };
    let world = World::new("deb");
    world.tool("cargo-deb", DEB);
    let depends = format!("Depends: libc6, {provider} (>= 1) | other\n");
    let run = world.run_with(&["deb"], &[("CONTROL", &depends)]);
    assert_eq!(run.said(), ["../app.deb"]);
    assert!(!run.stderr.contains("does not depend"), "{}", run.stderr);
    for control in ["Depends: libc6\n", &format!("Recommends: {provider}\n")] {
        let run = world.run_with(&["deb"], &[("CONTROL", control)]);
        assert!(run.status.success());
        let expected = format!(
            "cargo cacerts: warning: ../app.deb does not depend on {provider}, which provides {STORE}"
        );
        assert!(run.stderr.contains(&expected), "{}", run.stderr);
    }
}

#[test]
fn what_builds_nothing_refuses_what_was_built_without() {
    let world = World::new("rpm");
    world.tool("cargo-generate-rpm", "echo packed\n");
    let plain = world.start_plain(&["build", "--release"]).end();
    assert!(plain.status.success());
    let run = world.run(&["generate-rpm"]);
    assert!(run.refused(1).contains("was built without the drop-ins"), "{}", run.stderr);
    assert_eq!(run.stdout, "");

    assert!(world.run(&["build", "--release"]).status.success());
    assert_eq!(world.run(&["generate-rpm"]).said(), ["packed"]);
    let other = world.run_with(&["generate-rpm"], &[("CACERTS_DEFAULT_PATH", "/other.pem")]);
    assert!(other.refused(1).contains("was built for the store"), "{}", other.stderr);
}
