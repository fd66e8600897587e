//! INT, TERM and HUP, which end the child before they end this process, so that `Cargo.lock` can be
//! put back in between. It may use `failure`.

use crate::failure::Failure;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpgrp, kill_process, waitid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::fs::File;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// What the two threads share.
#[derive(Default)]
struct Shared {
    child: Option<Pid>,
    received: Option<i32>,
}

static SHARED: Mutex<Shared> = Mutex::new(Shared { child: None, received: None });

fn shared() -> MutexGuard<'static, Shared> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on these signals go to the child, if there is one.
pub(crate) fn watch() -> Result<(), Failure> {
    static ONCE: OnceLock<()> = OnceLock::new();
    if ONCE.set(()).is_err() {
        return Ok(());
    }
    // What was ignored when this process was started stays so, as nohup wants it.
    let watched = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| !is_ignored(*signal));
    let signals = Signals::new(watched);
    let mut signals =
        signals.map_err(|e| Failure::usage(format_args!("signals cannot be handled: {e}")))?;
    std::thread::spawn(move || {
        for signal in &mut signals {
            let mut shared = shared();
            shared.received = Some(signal);
            if let Some(child) = shared.child {
                // The terminal has told it already.
                if signal == SIGTERM || !in_foreground() {
                    let _ = kill_process(child, to_send(signal));
                }
            }
        }
    });
    Ok(())
}

fn is_ignored(signal: i32) -> bool {
    // proc_pid_status(5): a mask in hexadecimal. Where there is none, nothing is known to be ignored.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

fn to_send(signal: i32) -> Signal {
    match signal {
        SIGHUP => Signal::HUP,
        SIGINT => Signal::INT,
        _ => Signal::TERM,
    }
}

/// Whether a key pressed at the terminal reaches this process, and with it the child.
fn in_foreground() -> bool {
    File::open("/dev/tty")
        .is_ok_and(|terminal| rustix::termios::tcgetpgrp(terminal).is_ok_and(|g| g == getpgrp()))
}

/// Starts a child that gets the signals; it has to be waited for by [`wait`].
pub(crate) fn start(command: &mut Command) -> Result<Child, Failure> {
    let mut shared = shared();
    if let Some(signal) = shared.received {
        return Err(Failure::Signal(signal));
    }
    let child = command.spawn().map_err(|e| {
        let program = command.get_program().to_string_lossy().into_owned();
        Failure::usage(format_args!("{program} cannot be started: {e}"))
    })?;
    shared.child = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    Ok(child)
}

/// Waits for its end.
pub(crate) fn wait(child: &mut Child) -> Result<ExitStatus, Failure> {
    let pid = shared().child;
    if let Some(pid) = pid {
        // Its number stays its own until it is no longer there to be signalled.
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while waitid(WaitId::Pid(pid), ended).is_err_and(|e| e == rustix::io::Errno::INTR) {}
    }
    let mut shared = shared();
    shared.child = None;
    child.wait().map_err(|e| Failure::usage(format_args!("cargo cannot be waited for: {e}")))
}

/// An error once a signal has come.
pub(crate) fn check() -> Result<(), Failure> {
    shared().received.map_or(Ok(()), |signal| Err(Failure::Signal(signal)))
}
