//! Where `get -o` writes, and where not.

use crate::support::command::text;
use crate::support::{Pki, Server, User};
use std::fs;
use std::path::Path;

#[test]
fn get_writes_to_a_file_and_leaves_it_alone_on_failure() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let file = user.home().join("page");
    let get = |store: &Path| {
        let get = user.get(&server.url()).option("-o", &file);
        get.option("--ca-certs", store).run()
    };
    get(&pki.other).not_trusted();
    assert!(!file.exists());
    assert_eq!(get(&pki.root).code, Some(0));
    let page = fs::read_to_string(&file).unwrap();
    assert!(!page.is_empty());
    get(&pki.other).not_trusted();
    assert_eq!(fs::read_to_string(&file).unwrap(), page);
    // Nothing else is left beside it.
    let left = fs::read_dir(user.home()).unwrap().count();
    assert_eq!(left, 1, "{:?}", fs::read_dir(user.home()).unwrap().collect::<Vec<_>>());
}

/// A link leads to where its maker wants: in a directory where anybody may make one, only to what is its
/// user's anyway.
#[cfg(unix)]
#[test]
fn get_follows_no_link_that_another_user_has_planted() {
    use std::os::unix::fs::{PermissionsExt, lchown, symlink};
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let get =
        |to: &Path| user.get(&server.url()).option("-o", to).option("--ca-certs", &pki.root).run();
    let directory = |name: &str, mode| {
        let directory = user.home().join(name);
        fs::create_dir(&directory).unwrap();
        fs::set_permissions(&directory, fs::Permissions::from_mode(mode)).unwrap();
        directory
    };
    let (shared, own) = (directory("shared", 0o1777), directory("own", 0o755));
    let precious = user.home().join("precious");
    let is_kept = || fs::read_to_string(&precious).unwrap() == "mine";
    let is_root = rustix::process::geteuid().is_root();
    for (name, directory, planted) in [
        ("ours", &shared, false),
        ("theirs", &own, false),
        ("theirs", &shared, true),
        // A link of ours leads to one of theirs.
        ("chained", &own, true),
    ] {
        fs::write(&precious, "mine").unwrap();
        let link = directory.join(name);
        let to = if name == "chained" { shared.join("theirs") } else { precious.clone() };
        symlink(to, &link).unwrap();
        if name == "theirs" {
            if !is_root {
                // Nobody else can give it away.
                continue;
            }
            lchown(&link, Some(65534), None).unwrap();
        }
        let run = get(&link);
        match planted && is_root {
            true => {
                run.misconfigured(&[text(&shared.join("theirs")), "that another user has made"]);
                assert!(is_kept());
            }
            false if planted => {}
            false => {
                assert_eq!(run.code, Some(0), "{run:#?}");
                assert!(!is_kept());
            }
        }
        assert!(link.is_symlink());
    }
    // A device, or what stands for one, is no file to be replaced.
    assert_eq!(get(Path::new("/dev/null")).code, Some(0));
    // Here standard output is a file that was removed: there is nothing that another one could replace.
    #[cfg(target_os = "linux")]
    get(Path::new("/dev/stdout")).misconfigured(&["/dev/stdout", "has no name any more"]);
}
