//! How long a connection waits for its peer; only ureq is used here. ureq measures this itself from 3.5 on, but
//! the older ones that distributions have begin anew with every read.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport, time};

/// How long a peer may be silent.
pub(super) const SILENCE_LIMIT: Duration = Duration::from_secs(30);

/// A connection that is given up where its peer is silent for too long.
#[derive(Debug)]
pub(super) struct Impatient<T>(pub(super) T);

impl<T: Transport> Transport for Impatient<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, limit: NextTimeout) -> Result<(), ureq::Error> {
        let (limit, shortened) = shorten(limit);
        self.0.transmit_output(amount, limit).map_err(|e| blame(e, shortened))
    }

    fn await_input(&mut self, limit: NextTimeout) -> Result<bool, ureq::Error> {
        let (limit, shortened) = shorten(limit);
        self.0.await_input(limit).map_err(|e| blame(e, shortened))
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

/// The limit of one wait, and whether it is that of silence.
fn shorten(mut limit: NextTimeout) -> (NextTimeout, bool) {
    let shortened = *limit.after > SILENCE_LIMIT;
    if shortened {
        limit.after = SILENCE_LIMIT.into();
    }
    (limit, shortened)
}

/// It was not the limit that ureq knows of.
fn blame(error: ureq::Error, shortened: bool) -> ureq::Error {
    match error {
        ureq::Error::Timeout(_) if shortened => io::Error::from(io::ErrorKind::TimedOut).into(),
        error => error,
    }
}

/// A connection to read from and to write to, all within one limit.
pub(super) struct Timed {
    transport: Box<dyn Transport>,
    limit: NextTimeout,
    since: Instant,
}

impl Timed {
    pub(super) fn new(transport: impl Transport, limit: NextTimeout) -> Self {
        Self { transport: transport.boxed(), limit, since: Instant::now() }
    }

    pub(super) fn set_limit(&mut self, limit: NextTimeout) {
        (self.limit, self.since) = (limit, Instant::now());
    }

    pub(super) fn is_open(&mut self) -> bool {
        self.transport.is_open()
    }

    /// What is left of the limit. Where that is nothing, ureq would wait for a second, and so without end for
    /// a peer that sends something every second.
    fn left(&self) -> io::Result<NextTimeout> {
        let mut left = self.limit;
        if let time::Duration::Exact(after) = left.after {
            let after = after.saturating_sub(self.since.elapsed());
            if after.is_zero() {
                return Err(ureq::Error::Timeout(left.reason).into_io());
            }
            left.after = after.into();
        }
        Ok(left)
    }
}

impl Read for Timed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.left()?;
        if !self.transport.buffers().can_use_input() {
            self.transport.await_input(left).map_err(ureq::Error::into_io)?;
        }
        let buffers = self.transport.buffers();
        let amount = into.len().min(buffers.input().len());
        into[..amount].copy_from_slice(&buffers.input()[..amount]);
        buffers.input_consume(amount);
        Ok(amount)
    }
}

impl Write for Timed {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        let left = self.left()?;
        let room = self.transport.buffers().output();
        let amount = from.len().min(room.len());
        room[..amount].copy_from_slice(&from[..amount]);
        self.transport.transmit_output(amount, left).map_err(ureq::Error::into_io)?;
        Ok(amount)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
