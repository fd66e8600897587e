//! What is spoken on a connection that has TLS on it.

use crate::support::server::TlsStream;
use futures_util::{SinkExt, StreamExt};
use hyper::Response;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tonic_health::server::health_reporter;

/// What an HTTP server answers.
pub(crate) const BODY: &str = "It is trusted.";

/// HTTP/1 and HTTP/2.
pub(crate) async fn http(stream: TlsStream) {
    let service = service_fn(|_| async { Ok::<_, Infallible>(Response::new(BODY.to_owned())) });
    let server = auto::Builder::new(TokioExecutor::new());
    // A client may leave without a word when it has its answer.
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

/// gRPC: the service of tonic that tells of a server's health.
pub(crate) async fn grpc_health(stream: TlsStream) {
    let (_reporter, service) = health_reporter();
    let server = auto::Builder::new(TokioExecutor::new()).http2_only();
    let _ = server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).await;
}

/// A WebSocket that says everything again.
pub(crate) async fn websocket_echo(stream: TlsStream) {
    let mut messages = tokio_tungstenite::accept_async(stream).await.unwrap();
    while let Some(Ok(message)) = messages.next().await {
        if message.is_text() {
            messages.send(message).await.unwrap();
        }
    }
}

/// SMTP, as much of it as it takes to accept a mail, and to lose it.
pub(crate) async fn smtp(stream: TlsStream) {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 localhost ESMTP\r\n").await.unwrap();
    let (mut line, mut in_mail) = (String::new(), false);
    while stream.read_line(&mut line).await.is_ok_and(|length| length > 0) {
        let answer = match line.split_whitespace().next().unwrap_or_default() {
            "." => "250 2.0.0 queued as 1",
            _ if in_mail => "",
            "DATA" => "354 go on",
            "QUIT" => "221 goodbye",
            "EHLO" | "MAIL" | "RCPT" => "250 localhost",
            _ => "502 unknown",
        };
        in_mail = answer.starts_with("354") || (in_mail && answer.is_empty());
        if !answer.is_empty() {
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
        }
        line.clear();
    }
}
