//! Whether this process has more rights than its caller. It uses nothing else of this crate.

/// Whether this process has more rights than its caller, who then must not choose what it trusts.
///
/// [`Settings::resolve`](crate::Settings::resolve) then ignores the environment by itself. A program
/// that reads a configuration file of the calling user asks this first, and leaves that file alone.
///
/// On Linux that is what the kernel says with `AT_SECURE` (getauxval(3): set-user-ID, set-group-ID,
/// file capabilities, a security module's domain change). Where there is no /proc to be asked, any
/// capability that a plain user's process has counts instead. On other Unix systems it is what real
/// and effective IDs tell; elsewhere it is never true.
#[must_use]
pub fn is_privileged() -> bool {
    ids_differ() || at_secure()
}

#[cfg(unix)]
fn ids_differ() -> bool {
    use rustix::process::{getegid, geteuid, getgid, getuid};
    getuid() != geteuid() || getgid() != getegid()
}

#[cfg(not(unix))]
fn ids_differ() -> bool {
    false
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn at_secure() -> bool {
    // The vector of the process itself, as pairs of native words (proc_pid_auxv(5)).
    match std::fs::read("/proc/self/auxv") {
        // One that does not say is as good as none.
        Ok(auxv) => read_at_secure(&auxv).unwrap_or_else(has_capabilities),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => has_capabilities(),
        // The kernel hides the file of a process that gained rights, which need not be told of. It hides that of
        // any other, too, that does not let itself be looked into (PR_SET_DUMPABLE), and filters may.
        Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied && has_capabilities() => true,
        // A caller who has used up what it takes to open one does not get his way.
        Err(e) => {
            static TOLD: std::sync::Once = std::sync::Once::new();
            TOLD.call_once(|| {
                log::warn!(
                    "this process is taken for privileged beyond its caller, whose variables and configuration do not \
                     count: /proc/self/auxv cannot be read ({e})"
                );
            });
            true
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn has_capabilities() -> bool {
    let plain_user = !rustix::process::getuid().is_root();
    plain_user && rustix::thread::capabilities(None).map_or(true, |sets| !sets.permitted.is_empty())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn at_secure() -> bool {
    false
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn read_at_secure(auxv: &[u8]) -> Option<bool> {
    const AT_SECURE: usize = 23;
    const WORD: usize = size_of::<usize>();
    let word = |bytes: &[u8]| usize::from_ne_bytes(bytes.try_into().expect("a word's bytes"));
    auxv.chunks_exact(2 * WORD)
        .find(|pair| word(&pair[..WORD]) == AT_SECURE)
        .map(|pair| word(&pair[WORD..]) != 0)
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    use super::read_at_secure;

    #[test]
    fn at_secure_is_read_from_the_vector() {
        let auxv = |pairs: &[(usize, usize)]| -> Vec<u8> {
            pairs.iter().flat_map(|(k, v)| [k.to_ne_bytes(), v.to_ne_bytes()].concat()).collect()
        };
        assert_eq!(read_at_secure(&[]), None);
        assert_eq!(read_at_secure(&auxv(&[(6, 4096), (23, 0), (0, 0)])), Some(false));
        assert_eq!(read_at_secure(&auxv(&[(6, 4096), (23, 1), (0, 0)])), Some(true));
        assert_eq!(read_at_secure(&auxv(&[(6, 23), (1, 1)])), None, "a value is not a key");
    }
}
