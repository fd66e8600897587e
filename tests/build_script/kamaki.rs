//! kamaki's packagers: one line appended to a file of defaults. What its users see is in
//! tests/integration.

use crate::sandbox::{Sandbox, generated, pristine, stopped};
use crate::{DEBIAN, ECHO, PATH};

#[test]
fn k1_line_appended_to_the_defaults_sets_the_constant() {
    let sandbox = Sandbox::new("k1");
    sandbox.expect("nothing", &[]);
    // On the file as it is shipped.
    sandbox.ship(pristine() + ECHO);
    assert!(sandbox.expect(DEBIAN, &[]).contains(" cacerts v"));
    // Nothing has changed, so nothing is built again.
    let again = sandbox.expect(DEBIAN, &[]);
    assert!(!again.contains("Compiling") && !again.contains("Checking"), "{again}");
    // Editing builds again, and so does going back.
    sandbox.ship(pristine() + "CACERTS_DEFAULT_PATH = '/edited.pem'\n");
    sandbox.expect("/edited.pem", &[]);
    sandbox.ship(pristine());
    sandbox.expect("nothing", &[]);
}

/// As kamaki's own documentation had the line, which was no Python.
#[test]
fn k2_unquoted_line_is_an_error_that_says_what_to_write() {
    let sandbox = Sandbox::new("k2");
    sandbox.ship(pristine() + &ECHO.replace('"', ""));
    let said = stopped(&sandbox, &[]);
    let line = pristine().lines().count() + 1;
    let advice = ", as in ";
    let (what, right) = said.split_once(advice).expect(&said);
    let place = format!("defaults.toml:{line}: {PATH}: ");
    assert_eq!(what, place + "the value has to stand in double quotes");
    // As the page for maintainers has it, but for the line.
    let page = include_str!("../../packaging/README.md");
    assert!(page.contains(said.split_once(&format!("{line}:")).expect(&said).1), "{said}");
    // It is right to do as one is told.
    assert_eq!(format!("{right}\n"), ECHO);
    sandbox.ship(pristine() + right);
    assert!(generated(&sandbox, &[]).contains(&format!("Some({DEBIAN:?})")));
}

/// Where kamaki is not followed: in Python the last assignment won, without a word.
#[test]
fn k2_line_that_is_there_twice_is_an_error() {
    let sandbox = Sandbox::new("k2-twice");
    sandbox.ship(pristine() + ECHO + "CACERTS_DEFAULT_PATH = \"/other.pem\"\n");
    let first = pristine().lines().count() + 1;
    let said = format!("is set a second time, first on line {first}; keep one of the two lines");
    assert_eq!(stopped(&sandbox, &[]), format!("defaults.toml:{}: {PATH}: {said}", first + 1));
}

#[test]
fn k17_documented_path_of_every_distribution_bakes() {
    let sandbox = Sandbox::new("k17");
    let text = pristine();
    let lines: Vec<_> = text.lines().collect();
    let mut baked = 0;
    for (i, line) in lines.iter().enumerate() {
        let Some(bare) = line.strip_prefix('#').filter(|line| line.starts_with(PATH)) else {
            continue;
        };
        let mut edited = lines.clone();
        edited[i] = bare;
        sandbox.ship(edited.join("\n"));
        let path = bare.split('"').nth(1).expect(bare);
        let constant = format!("pub const {PATH}: Option<&str> = Some({path:?});");
        assert!(generated(&sandbox, &[]).contains(&constant), "{bare}");
        baked += 1;
    }
    assert!(baked >= 10, "{baked}");
    // What kamaki's documentation had a path for.
    let comments: String = lines.iter().filter(|line| line.starts_with("# ")).copied().collect();
    for name in ["Debian", "Ubuntu", "Gentoo", "Arch", "Fedora", "RHEL", "openSUSE"] {
        assert!(comments.contains(name), "{name}");
    }
}
