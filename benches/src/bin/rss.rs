//! Runs a program and says how much memory it had at its peak, in KiB. A process of its own and a
//! small one: a child counts what its parent had when it was started.

use nix::sys::resource::{UsageWho, getrusage};
use std::process::{Command, Stdio, exit};

fn main() {
    let mut command = std::env::args_os().skip(1);
    let status = Command::new(command.next().expect("a program"))
        .args(command)
        .stdout(Stdio::null())
        .status()
        .expect("the program starts");
    if !status.success() {
        exit(1);
    }
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss());
}
