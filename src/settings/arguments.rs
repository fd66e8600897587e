//! Settings from the command line, by clap (feature `clap`).

use super::{Layer, Names, Setting, Settings, TlsVersion};
use clap::builder::{PathBufValueParser, ValueParser};
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Args, Command, FromArgMatches, Id};
use std::any::type_name;
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
/// There is no flag that turns verification on. What is given on both sides of a subcommand counts as it
/// is given behind it, of `--extra-ca-certs` too: so clap has it with global arguments.
///
/// An application that talks to two sides may have two groups, whose names must then all be different.
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

impl<N: Naming> Args for Arguments<N> {
    fn augment_args(command: Command) -> Command {
        let path = || ValueParser::from(PathBufValueParser::new());
        let certificate = N::NAMES.name(Setting::ClientCert);
        let key =
            format!("The client certificate's key (PEM) [default: the file of {certificate}]");
        let arguments = [
            argument::<N>(
                Setting::CaCerts,
                "Trust this PEM file or directory instead of any other store",
            )
            .map(|arg| arg.value_name("PATH").value_parser(path())),
            argument::<N>(
                Setting::ExtraCaCerts,
                "Trust this PEM file or directory in addition; may be given more than once",
            )
            .map(|arg| arg.value_name("PATH").value_parser(path()).action(ArgAction::Append)),
            argument::<N>(Setting::ClientCert, "Show this client certificate (PEM)")
                .map(|arg| arg.value_name("FILE").value_parser(path())),
            argument::<N>(Setting::ClientKey, &key)
                .map(|arg| arg.value_name("FILE").value_parser(path())),
            argument::<N>(Setting::Verify, "Do not verify servers at all")
                .map(|arg| arg.action(ArgAction::SetTrue)),
            argument::<N>(Setting::MinTlsVersion, "Speak no older TLS version: 1.2 or 1.3")
                .map(|arg| arg.value_name("VERSION").value_parser(str::parse::<TlsVersion>)),
        ];
        let arguments: Vec<_> = arguments.into_iter().flatten().collect();
        let ids: Vec<_> = arguments.iter().map(|argument| argument.get_id().clone()).collect();
        let group = ArgGroup::new(group::<N>()).multiple(true).args(ids);
        command.group(group).args(arguments)
    }

    fn group_id() -> Option<Id> {
        Some(group::<N>().into())
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// An application may have more than one of these groups, each with its own names.
fn id<N: Naming>(setting: Setting) -> &'static str {
    N::NAMES.name(setting)
}

fn group<N: Naming>() -> &'static str {
    type_name::<Arguments<N>>()
}

/// An argument with the flags that a setting has, if it has any.
fn argument<N: Naming>(setting: Setting, help: &str) -> Option<Arg> {
    let mut help = help.to_owned();
    if let [variables @ .., last] = N::NAMES.variables(setting) {
        help.push_str(" [env: ");
        for variable in variables {
            let _ = write!(help, "{variable}, ");
        }
        let _ = write!(help, "{last}]");
    }
    let arg = Arg::new(id::<N>(setting)).help(help).global(true).help_heading("TLS");
    let flags = N::NAMES.flags(setting);
    (!flags.is_empty()).then(|| flags.iter().fold(arg, |arg, flag| with_flag(arg, flag)))
}

/// The first flag of a kind is the one that messages name, the others are as good.
fn with_flag(arg: Arg, flag: &'static str) -> Arg {
    match (flag.strip_prefix("--"), flag.strip_prefix('-')) {
        (Some(long), _) if !long.is_empty() && arg.get_long().is_none() => arg.long(long),
        (Some(long), _) if !long.is_empty() => arg.visible_alias(long),
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
        // A setting without a flag is none of the command's arguments, which `try_` does not mind.
        let path = |setting| matches.try_get_one(id::<N>(setting)).ok().flatten().cloned();
        let extra = matches.try_get_many(id::<N>(Setting::ExtraCaCerts)).ok().flatten();
        let insecure = matches.try_get_one::<bool>(id::<N>(Setting::Verify)).ok().flatten();
        let version = matches.try_get_one(id::<N>(Setting::MinTlsVersion)).ok().flatten();
        let layer = Layer {
            ca_certs: path(Setting::CaCerts),
            extra_ca_certs: extra.into_iter().flatten().cloned().collect(),
            client_cert: path(Setting::ClientCert),
            client_key: path(Setting::ClientKey),
            verify: insecure.is_some_and(|insecure| *insecure).then_some(false),
            min_tls_version: version.copied(),
        };
        Ok(Self { layer, naming: PhantomData })
    }

    /// What is not given stays as it is.
    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let Self { layer: new, .. } = Self::from_arg_matches(matches)?;
        let old = std::mem::take(&mut self.layer);
        let extra = if new.extra_ca_certs.is_empty() { &old } else { &new }.extra_ca_certs.clone();
        // A certificate and its key are one thing.
        let is_new = new.client_cert.is_some() || new.client_key.is_some();
        let identity = if is_new { &new } else { &old }.clone();
        self.layer = Layer {
            ca_certs: new.ca_certs.or(old.ca_certs),
            extra_ca_certs: extra,
            client_cert: identity.client_cert,
            client_key: identity.client_key,
            verify: new.verify.or(old.verify),
            min_tls_version: new.min_tls_version.or(old.min_tls_version),
        };
        Ok(())
    }
}
