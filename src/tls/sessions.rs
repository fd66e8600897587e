//! The sessions that a client may resume as long as it has the same certificate: to the server, who
//! resumes one is who began it. It may use `renewal`.

use super::renewal::Identity;
use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long after a renewal sessions may still come on connections that began before it. rustls does
/// not tell on which one a session comes, so none is kept.
const LATE: Duration = Duration::from_secs(60);

/// Sessions that begin anew with each certificate.
pub(super) struct Sessions<M> {
    identity: Arc<Identity>,
    /// Makes room for sessions.
    make: M,
    late: Duration,
    kept: Mutex<Kept>,
}

/// Sessions, and the certificate that they began with.
struct Kept {
    with: Arc<CertifiedKey>,
    /// Until when none is taken in.
    closed_until: Option<Instant>,
    sessions: Arc<dyn ClientSessionStore>,
}

impl<M: Fn() -> Arc<dyn ClientSessionStore>> Sessions<M> {
    pub(super) fn new(identity: Arc<Identity>, make: M) -> Self {
        let kept = Kept { with: identity.now(), closed_until: None, sessions: make() };
        Self { identity, make, late: LATE, kept: Mutex::new(kept) }
    }

    /// Those of the certificate of the moment, and whether others may be added.
    fn now(&self) -> (Arc<dyn ClientSessionStore>, bool) {
        // Before the lock: it may log, and a logger may make handshakes.
        let identity = self.identity.now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&kept.with, &identity) {
            let closed_until = Some(Instant::now() + self.late);
            *kept = Kept { with: identity, closed_until, sessions: (self.make)() };
        }
        let is_open = kept.closed_until.is_none_or(|time| Instant::now() >= time);
        (Arc::clone(&kept.sessions), is_open)
    }

    fn sessions(&self) -> Arc<dyn ClientSessionStore> {
        self.now().0
    }

    /// The same, if it does not matter on which connection a session comes.
    fn for_new(&self) -> Option<Arc<dyn ClientSessionStore>> {
        let (sessions, is_open) = self.now();
        is_open.then_some(sessions)
    }
}

impl<M> fmt::Debug for Sessions<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("identity", &self.identity).finish_non_exhaustive()
    }
}

impl<M: Fn() -> Arc<dyn ClientSessionStore> + Send + Sync> ClientSessionStore for Sessions<M> {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.sessions().set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        self.sessions().kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, session: Tls12ClientSessionValue) {
        if let Some(sessions) = self.for_new() {
            sessions.set_tls12_session(server, session);
        }
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.sessions().tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.sessions().remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        if let Some(sessions) = self.for_new() {
            sessions.insert_tls13_ticket(server, ticket);
        }
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.sessions().take_tls13_ticket(server)
    }
}

#[cfg(test)]
mod tests {
    use super::Sessions;
    use crate::resolve::Asked;
    use crate::settings::Settings;
    use crate::tls::identity::Files;
    use crate::tls::provider;
    use crate::tls::renewal::Identity;
    use rcgen::generate_simple_self_signed;
    use rustls::client::{ClientSessionMemoryCache, ClientSessionStore};
    use std::sync::Arc;
    use std::thread::sleep;
    use std::time::{Duration, Instant};
    use std::{fs, path::Path};

    fn renew(path: &Path) {
        let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(path, made.cert.pem() + &made.signing_key.serialize_pem()).unwrap();
    }

    #[test]
    fn after_a_renewal_sessions_are_kept_when_none_of_before_can_come() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("both.pem");
        renew(&path);
        let settings = Settings::new().client_cert(&path);
        let files = Files::asked(Asked::of_server(&settings)).unwrap().unwrap();
        let identity = Identity::read(files, &provider().unwrap(), true).unwrap();
        let make = || Arc::new(ClientSessionMemoryCache::new(1)) as Arc<dyn ClientSessionStore>;
        let mut sessions = Sessions::new(identity, make);
        sessions.late = Duration::from_secs(2);
        let before = sessions.for_new().expect("nothing has been renewed");
        assert!(Arc::ptr_eq(&before, &sessions.sessions()));
        renew(&path);
        sleep(Duration::from_millis(1050));
        let start = Instant::now();
        let after = sessions.sessions();
        assert!(!Arc::ptr_eq(&before, &after));
        assert!(sessions.for_new().is_none() || start.elapsed() >= sessions.late);
        sleep(sessions.late);
        let kept = sessions.for_new().expect("none of before can come any more");
        assert!(Arc::ptr_eq(&after, &kept));
    }
}
