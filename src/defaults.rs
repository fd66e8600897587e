//! The constants baked into this build, by the names they have in `defaults.toml`.
//!
//! They were decided when the program was built, by the variable `CACERTS_DEFAULT_PATH`, by the
//! file that the variable `CACERTS_DEFAULTS_FILE` names, or by `defaults.toml`, in this order. A
//! build script of a crate that depends on this one reads the path as `DEP_CACERTS_DEFAULT_PATH`.
//!
//! ```
//! match cacerts::defaults::CACERTS_DEFAULT_PATH {
//!     Some(path) => println!("the packager chose {path}"),
//!     None => println!("no default CA store: the search list applies"),
//! }
//! ```

include!(concat!(env!("OUT_DIR"), "/defaults.rs"));
