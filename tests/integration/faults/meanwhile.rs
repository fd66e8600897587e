//! What happens between two system calls of one run.

use super::strace;
use crate::support::User;
use crate::support::command::text;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// What goes on beside a test ends with it, also where it fails.
struct Until<'a>(&'a AtomicBool);

impl Drop for Until<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// It is the one or the other, or an error with its name, and nothing in between; a FIFO is not waited for.
#[test]
fn a_configuration_that_is_replaced_meanwhile_is_one_of_them() {
    if !strace::is_wanted_and_there() {
        return;
    }
    let user = User::new();
    let (file, new) = (user.home().join("config.toml"), user.home().join("new"));
    let values = ["/a/store.pem", "/the/store/with/the/longer/name.pem"];
    let contents = values.map(|value| format!("# {value}\nca_certs = '{value}'\n"));
    fs::write(&file, &contents[0]).unwrap();
    let arguments = ["config", "get", "ca_certs", "--config", text(&file)];
    let is_over = AtomicBool::new(false);
    let replace = || {
        for number in (0..3).cycle().take_while(|_| !is_over.load(Relaxed)) {
            match contents.get(number) {
                Some(content) => fs::write(&new, content).unwrap(),
                None => mknodat(CWD, &new, FileType::Fifo, Mode::RWXU, 0).unwrap(),
            }
            fs::rename(&new, &file).unwrap();
            thread::sleep(Duration::from_millis(7));
        }
    };
    thread::scope(|scope| {
        let _end = Until(&is_over);
        scope.spawn(replace);
        let mut left = values.to_vec();
        for number in 0..500 {
            if left.is_empty() && number >= 24 {
                break;
            }
            // Between the looks at the file, and the opening of it.
            let options = ["-P", text(&file), "--inject=openat:delay_enter=20ms"];
            let run = strace::inject_with(&arguments, &options, "statx:delay_exit=20ms").0;
            left.retain(|value| *value != run.stdout.trim());
            let is_one = run.code == Some(0) && values.contains(&run.stdout.trim());
            let says = format!("{} cannot be read: it is not a regular file", file.display());
            assert!(is_one || run.code == Some(2) && run.stderr.contains(&says), "{run:#?}");
        }
        assert!(left.is_empty(), "{left:?} was never read");
    });
}
