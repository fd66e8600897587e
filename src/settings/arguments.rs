//! Settings from the command line, by clap (feature `clap`).

use super::{Layer, Names, Setting, Settings, TlsVersion};
use clap::builder::{PathBufValueParser, ValueParser};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use std::fmt::{self, Write};
use std::marker::PhantomData;

/// The settings as an argument group of clap, to be flattened into an application's own arguments
/// (feature `clap`).
///
/// ```
/// use clap::Parser;
///
/// #[derive(Parser)]
/// struct Arguments {
///     #[command(flatten)]
///     tls: cacerts::Arguments,
/// }
///
/// let arguments = Arguments::parse_from(["app", "--ca-certs", "/etc/app/ca.pem"]);
/// let settings = arguments.tls.settings(); // .over(what a configuration file says)
/// ```
///
/// The flags, and the variables that the help names, are those of the type's [`Naming`]: by default
/// [`Names::new`]. They are global, that is, they also stand behind a subcommand. Each has one value
/// but for `--extra-ca-certs`, which may be given more than once, and `--insecure`, which has none.
/// There is no flag that turns verification on.
///
/// With names of the application's own:
///
/// ```
/// use cacerts::{Names, Naming};
///
/// struct Os;
/// impl Naming for Os {
///     const NAMES: Names = Names::new().ca_certs(&["--os-cacert"], &["OS_CACERT"]);
/// }
///
/// #[derive(clap::Parser)]
/// struct Arguments {
///     #[command(flatten)]
///     tls: cacerts::Arguments<Os>,
/// }
/// ```
pub struct Arguments<N: Naming = UsualNames> {
    layer: Layer,
    naming: PhantomData<fn() -> N>,
}

/// A type that stands for the names that an application has for the settings.
pub trait Naming {
    /// Each flag begins with `--`, or is `-` and one letter.
    const NAMES: Names;
}

/// The names of [`Names::new`].
#[derive(Clone, Copy, Debug)]
pub struct UsualNames;

impl Naming for UsualNames {
    const NAMES: Names = Names::new();
}

impl<N: Naming> Arguments<N> {
    /// What was given on the command line, with the names that it was given by.
    pub fn settings(&self) -> Settings {
        Settings { argument: self.layer.clone(), ..Settings::new().names(N::NAMES) }
    }
}

// Not derived: that would ask the same of the application's type.
impl<N: Naming> Clone for Arguments<N> {
    fn clone(&self) -> Self {
        Self { layer: self.layer.clone(), naming: PhantomData }
    }
}

impl<N: Naming> fmt::Debug for Arguments<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Arguments").field(&self.layer).finish()
    }
}

const CA_CERTS: &str = "cacerts::ca_certs";
const EXTRA_CA_CERTS: &str = "cacerts::extra_ca_certs";
const CLIENT_CERT: &str = "cacerts::client_cert";
const CLIENT_KEY: &str = "cacerts::client_key";
const INSECURE: &str = "cacerts::insecure";
const MIN_TLS_VERSION: &str = "cacerts::min_tls_version";

impl<N: Naming> Args for Arguments<N> {
    fn augment_args(command: Command) -> Command {
        let path = || ValueParser::from(PathBufValueParser::new());
        let certificate = N::NAMES.name(Setting::ClientCert);
        let key =
            format!("The client certificate's key (PEM) [default: the file of {certificate}]");
        let arguments = [
            argument::<N>(
                CA_CERTS,
                Setting::CaCerts,
                "Trust this PEM file or directory instead of any other store",
            )
            .map(|arg| arg.value_name("PATH").value_parser(path())),
            argument::<N>(
                EXTRA_CA_CERTS,
                Setting::ExtraCaCerts,
                "Trust this PEM file or directory in addition; may be given more than once",
            )
            .map(|arg| arg.value_name("PATH").value_parser(path()).action(ArgAction::Append)),
            argument::<N>(CLIENT_CERT, Setting::ClientCert, "Show this client certificate (PEM)")
                .map(|arg| arg.value_name("FILE").value_parser(path())),
            argument::<N>(CLIENT_KEY, Setting::ClientKey, &key)
                .map(|arg| arg.value_name("FILE").value_parser(path())),
            argument::<N>(INSECURE, Setting::Verify, "Do not verify servers at all")
                .map(|arg| arg.action(ArgAction::SetTrue)),
            argument::<N>(
                MIN_TLS_VERSION,
                Setting::MinTlsVersion,
                "Speak no older TLS version: 1.2 or 1.3",
            )
            .map(|arg| arg.value_name("VERSION").value_parser(str::parse::<TlsVersion>)),
        ];
        command.args(arguments.into_iter().flatten())
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// An argument with the flags that a setting has, if it has any.
fn argument<N: Naming>(id: &'static str, setting: Setting, help: &str) -> Option<Arg> {
    let mut help = help.to_owned();
    if let [variables @ .., last] = N::NAMES.variables(setting) {
        help.push_str(" [env: ");
        for variable in variables {
            let _ = write!(help, "{variable}, ");
        }
        let _ = write!(help, "{last}]");
    }
    let arg = Arg::new(id).help(help).global(true).help_heading("TLS");
    let flags = N::NAMES.flags(setting);
    (!flags.is_empty()).then(|| flags.iter().fold(arg, |arg, flag| with_flag(arg, flag)))
}

/// The first flag of a kind is the one that messages name, the others are as good.
fn with_flag(arg: Arg, flag: &'static str) -> Arg {
    match (flag.strip_prefix("--"), flag.strip_prefix('-')) {
        (Some(long), _) if arg.get_long().is_none() => arg.long(long),
        (Some(long), _) => arg.visible_alias(long),
        (None, Some(short)) if short.chars().count() == 1 => {
            let short = short.chars().next().expect("there is one");
            if arg.get_short().is_none() {
                arg.short(short)
            } else {
                arg.visible_short_alias(short)
            }
        }
        _ => panic!("{flag:?} is no flag: it has to begin with --, or to be - and one letter"),
    }
}

impl<N: Naming> FromArgMatches for Arguments<N> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        // An argument without a flag is none of the command's, which `try_` does not mind.
        let path = |id| matches.try_get_one(id).ok().flatten().cloned();
        let extra = matches.try_get_many(EXTRA_CA_CERTS).ok().flatten();
        let insecure = matches.try_get_one::<bool>(INSECURE).ok().flatten();
        let layer = Layer {
            ca_certs: path(CA_CERTS),
            extra_ca_certs: extra.into_iter().flatten().cloned().collect(),
            client_cert: path(CLIENT_CERT),
            client_key: path(CLIENT_KEY),
            verify: insecure.is_some_and(|insecure| *insecure).then_some(false),
            min_tls_version: matches.try_get_one(MIN_TLS_VERSION).ok().flatten().copied(),
        };
        Ok(Self { layer, naming: PhantomData })
    }

    /// What is not given stays as it is.
    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let Self { layer: new, .. } = Self::from_arg_matches(matches)?;
        let old = std::mem::take(&mut self.layer);
        let extra = if new.extra_ca_certs.is_empty() { &old } else { &new }.extra_ca_certs.clone();
        self.layer = Layer {
            ca_certs: new.ca_certs.or(old.ca_certs),
            extra_ca_certs: extra,
            client_cert: new.client_cert.or(old.client_cert),
            client_key: new.client_key.or(old.client_key),
            verify: new.verify.or(old.verify),
            min_tls_version: new.min_tls_version.or(old.min_tls_version),
        };
        Ok(())
    }
}
