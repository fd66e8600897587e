//! Lets whoever packages a Rust program decide, at build time, which CA store its TLS clients trust.

#[cfg(test)]
mod bake;
pub mod defaults;
#[cfg(any(
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly",
    target_os = "illumos",
    target_os = "solaris",
    target_os = "haiku"
))]
mod note;
