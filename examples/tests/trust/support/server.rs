//! A TLS server in this process, which tells how each handshake ended.

use super::pki::Pki;
use super::run::LIMIT;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

pub(crate) type TlsStream = tokio_rustls::server::TlsStream<TcpStream>;

/// How a handshake ended. A client that breaks it off has sent no request.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    Accepted,
    BrokenOff,
}

/// It ends with its runtime.
pub(crate) struct Server {
    port: u16,
    outcomes: Receiver<Outcome>,
    _runtime: Runtime,
}

impl Server {
    /// With the protocols that ALPN offers, and what is done with a connection that has TLS on it.
    pub(crate) fn start<F: Future<Output = ()> + Send + 'static>(
        pki: &Pki,
        alpn: &[&str],
        serve: fn(TlsStream) -> F,
    ) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, outcomes) = mpsc::channel();
        runtime.spawn(listen(listener, acceptor(pki, alpn), sender, serve));
        Self { port, outcomes, _runtime: runtime }
    }

    pub(crate) fn address(&self) -> String {
        format!("localhost:{}", self.port)
    }

    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://localhost:{}/", self.port)
    }

    /// How the next handshake ended.
    pub(crate) fn next(&self) -> Outcome {
        self.outcomes.recv_timeout(LIMIT).expect("there was no connection")
    }

    /// Whether all handshakes since were broken off. Who has an answer was heard of before.
    pub(crate) fn has_heard_no_request(&self) -> bool {
        self.outcomes.try_iter().all(|outcome| outcome == Outcome::BrokenOff)
    }
}

fn acceptor(pki: &Pki, alpn: &[&str]) -> TlsAcceptor {
    let key = PrivatePkcs8KeyDer::from(pki.key.serialize_der());
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![pki.certificate.der().clone()], key.into())
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

async fn listen<F: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    outcomes: Sender<Outcome>,
    serve: fn(TlsStream) -> F,
) {
    while let Ok((socket, _)) = listener.accept().await {
        match timeout(LIMIT, acceptor.accept(socket)).await {
            Ok(Ok(stream)) => {
                let _ = outcomes.send(Outcome::Accepted);
                tokio::spawn(timeout(LIMIT, serve(stream)));
            }
            _ => {
                let _ = outcomes.send(Outcome::BrokenOff);
            }
        }
    }
}
