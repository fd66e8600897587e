//! The way through a proxy: links of ureq's chain. ureq itself has `CONNECT`, and for `http://` no other way,
//! restarts its limits on it, and says neither who failed nor why. It may use `address`, `failure`, `limits`,
//! `proxy`, `proxy_failure` and `error`.

use crate::client::address::server_of;
use crate::client::failure;
use crate::client::limits::{Timed, left};
use crate::client::proxy::authorization;
use crate::client::proxy_failure::{Answer, Trouble};
use crate::error::ErrorKind;
use std::io::{self, Read, Write};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport,
};

/// The longest head of an answer to `CONNECT` that is read.
const MAX_HEAD: usize = 64 << 10;

/// Looks up whoever is connected to: the proxy, where there is one. The server's name is the proxy's
/// business then, and need not be known here.
#[derive(Debug, Default)]
pub(super) struct PeerResolver<R = DefaultResolver>(pub(super) R);

impl<R: Resolver> Resolver for PeerResolver<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        limit: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        match config.proxy() {
            Some(proxy) => {
                self.0.resolve(proxy.uri(), config, limit).map_err(|e| Trouble::Lookup(e).into())
            }
            None => self.0.resolve(uri, config, limit).map_err(|e| {
                let error = failure::lookup(e, &server_of(uri), ErrorKind::Connection);
                ureq::Error::Other(Box::new(error))
            }),
        }
    }
}

/// The link that makes of a connection to a proxy one to the server: for `https://` by `CONNECT`, for
/// `http://` by asking for the whole address.
#[derive(Debug)]
pub(super) struct ProxyConnector;

impl<T: Transport> Connector<T> for ProxyConnector {
    type Out = Either<T, Box<dyn Transport>>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<T>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let Some(transport) = chained else { return Ok(None) };
        let Some(proxy) = details.config.proxy() else { return Ok(Some(Either::A(transport))) };
        let transport = if details.needs_tls() {
            tunnel(details, transport, authorization(proxy))?
        } else {
            let origin = format!("http://{}", server_of(details.uri)).into_bytes();
            Absolute { transport, origin, is_asking: false }.boxed()
        };
        Ok(Some(Either::B(transport)))
    }
}

/// Asks the proxy for a connection to the server, within what is left of the limit for connecting.
fn tunnel(
    details: &ConnectionDetails<'_>,
    transport: impl Transport,
    authorization: Option<String>,
) -> Result<Box<dyn Transport>, ureq::Error> {
    let host = details.uri.host().unwrap_or_default();
    let server = format!("{host}:{}", details.uri.port_u16().unwrap_or(443));
    let agent = concat!("cacerts/", env!("CARGO_PKG_VERSION"));
    let mut request =
        format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\nUser-Agent: {agent}\r\n");
    if let Some(value) = authorization {
        request.push_str(&format!("Proxy-Authorization: {value}\r\n"));
    }
    request.push_str("\r\n");
    let mut socket = Timed::new(transport, left(details)?);
    socket.write_all(request.as_bytes()).map_err(Trouble::talk)?;
    loop {
        let answer = Answer::parse(&head(&mut socket)?).ok_or(Trouble::NoHttp)?;
        match answer.status {
            // Another one follows.
            100..=199 => {}
            200..=299 => return Ok(socket.into_inner()),
            _ => return Err(Trouble::Answer(answer).into()),
        }
    }
}

/// Reads up to the empty line that ends the head of an answer, and no further: behind it the server speaks.
fn head(socket: &mut Timed) -> Result<Vec<u8>, Trouble> {
    let mut head = Vec::new();
    while !(head.ends_with(b"\n\r\n") || head.ends_with(b"\n\n")) {
        let mut byte = [0];
        match socket.read(&mut byte).map_err(Trouble::talk)? {
            0 => return Err(Trouble::talk(io::ErrorKind::UnexpectedEof.into())),
            _ => head.push(byte[0]),
        }
        // What does not begin as HTTP does is not waited for.
        if !head.iter().zip(b"HTTP/").all(|(is, expected)| is == expected) {
            return Err(Trouble::NoHttp);
        }
        if head.len() > MAX_HEAD {
            return Err(Trouble::Long);
        }
    }
    Ok(head)
}

/// A connection on which the request's line names the whole address, as a proxy wants it.
#[derive(Debug)]
struct Absolute<T> {
    transport: T,
    /// `http://HOST:PORT`.
    origin: Vec<u8>,
    /// A request has begun, and not been answered: what else is sent belongs to it.
    is_asking: bool,
}

impl<T: Transport> Transport for Absolute<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.transport.buffers()
    }

    fn transmit_output(&mut self, amount: usize, limit: NextTimeout) -> Result<(), ureq::Error> {
        let begins = !std::mem::replace(&mut self.is_asking, true);
        if begins {
            let request = self.transport.buffers().output()[..amount].to_vec();
            let path = request.iter().position(|&byte| byte == b'/').unwrap_or(amount);
            let request = [&request[..path], &self.origin, &request[path..]].concat();
            let mut rest = &request[..];
            while !rest.is_empty() {
                let room = self.transport.buffers().output();
                let amount = rest.len().min(room.len());
                room[..amount].copy_from_slice(&rest[..amount]);
                self.transport.transmit_output(amount, limit)?;
                rest = &rest[amount..];
            }
            return Ok(());
        }
        self.transport.transmit_output(amount, limit)
    }

    fn await_input(&mut self, limit: NextTimeout) -> Result<bool, ureq::Error> {
        self.is_asking = false;
        self.transport.await_input(limit)
    }

    fn is_open(&mut self) -> bool {
        self.transport.is_open()
    }
}
