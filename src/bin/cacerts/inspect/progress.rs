//! A bar on standard error that shows how far a walk has come, where that is a terminal. It uses
//! nothing.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often it is drawn, and how long a walk may take without it.
const EVERY: Duration = Duration::from_millis(100);
const WIDTH: usize = 30;

pub(crate) struct Progress {
    total: usize,
    /// `None`: nobody is looking.
    drawn: Option<Instant>,
    is_there: bool,
}

impl Progress {
    pub(crate) fn new(total: usize, wanted: bool) -> Self {
        let drawn = (wanted && io::stderr().is_terminal()).then(Instant::now);
        Self { total, drawn, is_there: false }
    }

    pub(crate) fn show(&mut self, done: usize) {
        let Some(drawn) = &mut self.drawn else { return };
        if drawn.elapsed() >= EVERY {
            *drawn = Instant::now();
            let full = WIDTH * done / self.total.max(1);
            let (full, empty) = ("#".repeat(full), ".".repeat(WIDTH - full));
            write(format_args!("\r[{full}{empty}] {done} of {} files", self.total));
            self.is_there = true;
        }
    }

    /// Before anything else is written to the terminal, and in the end.
    pub(crate) fn clear(&mut self) {
        if self.is_there {
            self.is_there = false;
            write("\r\x1b[K");
        }
    }
}

/// If it cannot be written, there is nobody to see it.
fn write(text: impl std::fmt::Display) {
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "{text}").and_then(|()| stderr.flush());
}
