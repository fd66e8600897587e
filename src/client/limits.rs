//! How long a connection waits for its peer; only ureq is used here. ureq measures this itself from 3.5 on, but
//! the older ones that distributions have begin anew with every read.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, NextTimeout, Transport, time};

/// What is left for connecting: the links of ureq's chain each begin with the limit of them all.
pub(super) fn left(details: &ConnectionDetails<'_>) -> Result<NextTimeout, ureq::Error> {
    let mut left = details.timeout;
    if let (time::Duration::Exact(after), time::Instant::Exact(began), time::Instant::Exact(now)) =
        (left.after, details.now, (details.current_time)())
    {
        let after = after.saturating_sub(now.saturating_duration_since(began));
        if after.is_zero() {
            return Err(ureq::Error::Timeout(left.reason));
        }
        left.after = after.into();
    }
    Ok(left)
}

/// A connection that is given up where its peer is silent for so long.
#[derive(Debug)]
pub(super) struct Impatient<T> {
    pub(super) transport: T,
    pub(super) silence: Duration,
}

impl<T> Impatient<T> {
    /// The limit of one wait, and whether it is that of silence. Where nothing is left of ureq's, the older
    /// ones would wait for a second, and so without end for a peer that sends something every second.
    fn shorten(&self, mut limit: NextTimeout) -> Result<(NextTimeout, bool), ureq::Error> {
        if limit.after.is_zero() {
            return Err(ureq::Error::Timeout(limit.reason));
        }
        let shortened = *limit.after > self.silence;
        if shortened {
            limit.after = self.silence.into();
        }
        Ok((limit, shortened))
    }
}

impl<T: Transport> Transport for Impatient<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.transport.buffers()
    }

    fn transmit_output(&mut self, amount: usize, limit: NextTimeout) -> Result<(), ureq::Error> {
        let (limit, shortened) = self.shorten(limit)?;
        self.transport.transmit_output(amount, limit).map_err(|e| blame(e, shortened))
    }

    fn await_input(&mut self, limit: NextTimeout) -> Result<bool, ureq::Error> {
        let (limit, shortened) = self.shorten(limit)?;
        self.transport.await_input(limit).map_err(|e| blame(e, shortened))
    }

    fn is_open(&mut self) -> bool {
        self.transport.is_open()
    }

    fn is_tls(&self) -> bool {
        self.transport.is_tls()
    }
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

    pub(super) fn into_inner(self) -> Box<dyn Transport> {
        self.transport
    }

    /// What is left of the limit, if anything is.
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;
    use ureq::Agent;
    use ureq::unversioned::resolver::DefaultResolver;
    use ureq::unversioned::transport::{ConnectionDetails, Connector, TcpConnector};

    #[derive(Debug)]
    struct Hasty(TcpConnector);

    impl Connector for Hasty {
        type Out = Impatient<<TcpConnector as Connector>::Out>;

        fn connect(
            &self,
            details: &ConnectionDetails<'_>,
            chained: Option<()>,
        ) -> Result<Option<Self::Out>, ureq::Error> {
            let silence = Duration::from_millis(300);
            let made = self.0.connect(details, chained)?;
            Ok(made.map(|transport| Impatient { transport, silence }))
        }
    }

    /// Asks a server that lets so much time pass before each part of its answer.
    fn ask(pause: Duration) -> Result<String, ureq::Error> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            for part in ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "o", "k"] {
                thread::sleep(pause);
                if socket.write_all(part.as_bytes()).is_err() {
                    return;
                }
            }
        });
        let config = Agent::config_builder().proxy(None).build();
        let connector = Hasty(TcpConnector::default());
        let agent = Agent::with_parts(config, connector, DefaultResolver::default());
        agent.get(format!("http://{address}/")).call()?.body_mut().read_to_string()
    }

    #[test]
    fn a_silent_peer_is_given_up_on_and_a_slow_one_is_not() {
        assert_eq!(ask(Duration::from_millis(100)).unwrap(), "ok");
        let error = ask(Duration::from_secs(2)).unwrap_err().into_io();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{error}");
    }
}
