//! The sessions that a client may resume, as long as what is trusted stays the same. It may use
//! `watch`, `verified` and `store`.

use super::watch::Watch;
use crate::store::snapshot::Snapshot;
use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How many servers' sessions are kept, as rustls keeps by default.
const SERVERS: usize = 256;

/// A handshake that resumes a session verifies nothing, so sessions go when what is trusted changes.
pub(super) struct Sessions {
    watch: Arc<Watch>,
    sessions: Mutex<Option<Kept>>,
}

/// Sessions, and by what their servers were verified.
struct Kept {
    by: Arc<Snapshot>,
    sessions: Arc<ClientSessionMemoryCache>,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

impl Sessions {
    pub(super) fn new(watch: Arc<Watch>) -> Self {
        Self { watch, sessions: Mutex::default() }
    }

    /// Those of what is trusted now.
    fn now(&self) -> Arc<ClientSessionMemoryCache> {
        self.of(&self.watch.now())
    }

    /// The same, if it does not matter on which of the server's connections a session comes.
    fn for_new(&self, server: &ServerName<'_>) -> Option<Arc<ClientSessionMemoryCache>> {
        let now = self.watch.now();
        self.watch.verified.is_still(server, now.generation()).then(|| self.of(&now))
    }

    fn of(&self, snapshot: &Arc<Snapshot>) -> Arc<ClientSessionMemoryCache> {
        let mut kept = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(kept) if Arc::ptr_eq(&kept.by, snapshot) => Arc::clone(&kept.sessions),
            _ => {
                let sessions = Arc::new(ClientSessionMemoryCache::new(SERVERS));
                *kept = Some(Kept { by: Arc::clone(snapshot), sessions: Arc::clone(&sessions) });
                sessions
            }
        }
    }
}

impl ClientSessionStore for Sessions {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.now().set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        self.now().kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, session: Tls12ClientSessionValue) {
        if let Some(sessions) = self.for_new(&server) {
            sessions.set_tls12_session(server, session);
        }
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.now().tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.now().remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        if let Some(sessions) = self.for_new(&server) {
            sessions.insert_tls13_ticket(server, ticket);
        }
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.now().take_tls13_ticket(server)
    }
}
