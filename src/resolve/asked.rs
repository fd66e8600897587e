//! What is asked for: the settings of the caller, those of the process below them, and the variables
//! that the application has declared. It may use `settings`, `defaults`, `error` and `world`.

use super::world::World;
use crate::defaults;
use crate::error::{Error, ErrorKind};
use crate::resolve::Origin;
use crate::settings::{
    ConfigLayer, Layer, Named, Place, Setting, Settings, TlsVersion, installed, settled,
};
use crate::shown;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The variable that says where `~` leads.
const HOME: &str = if cfg!(windows) { "USERPROFILE" } else { "HOME" };

/// Settings in their order, highest first: arguments, variables, configuration.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    own: &'a Settings,
    installed: Option<&'a Settings>,
    pub(super) world: &'a World<'a>,
}

/// Where the certificate and the key of this side are; at least one of them is there.
pub(crate) struct IdentityFiles<'a> {
    /// Where they are named, both of them.
    pub(crate) origin: Origin,
    pub(crate) cert: Option<PathBuf>,
    pub(crate) cert_name: Named<'a>,
    pub(crate) key: Option<PathBuf>,
    pub(crate) key_name: Named<'a>,
}

impl<'a> IdentityFiles<'a> {
    fn of(origin: Origin, layer: &Layer, named: impl Fn(Setting) -> Named<'a>) -> Option<Self> {
        let (cert, key) = (layer.client_cert.clone(), layer.client_key.clone());
        let is_set = cert.is_some() || key.is_some();
        let (cert_name, key_name) = (named(Setting::ClientCert), named(Setting::ClientKey));
        is_set.then_some(Self { origin, cert, cert_name, key, key_name })
    }
}

impl<'a> Asked<'a> {
    /// For clients, which also go by the settings of the process: as these are by now.
    pub(crate) fn of(settings: &'a Settings) -> Self {
        Self::within(settings, installed(), &World::REAL)
    }

    /// The same for what outlives the moment: the settings of the process are then no longer changed.
    pub(crate) fn of_client(settings: &'a Settings) -> Self {
        Self::within(settings, settled(), &World::REAL)
    }

    /// For servers, which do not.
    pub(crate) fn of_server(settings: &'a Settings) -> Self {
        Self::within(settings, None, &World::REAL)
    }

    pub(super) fn within(
        own: &'a Settings,
        installed: Option<&'a Settings>,
        world: &'a World<'a>,
    ) -> Self {
        Self { own, installed, world }
    }

    fn settings(self) -> impl Iterator<Item = &'a Settings> {
        [Some(self.own), self.installed].into_iter().flatten()
    }

    /// The highest argument that says something, and how its user knows the setting.
    pub(super) fn argument<T>(
        self,
        setting: Setting,
        says: impl Fn(&'a Layer) -> Option<T>,
    ) -> Option<(T, Named<'a>)> {
        self.settings()
            .find_map(|settings| Some((says(&settings.argument)?, settings.argument_name(setting))))
    }

    /// What arguments add to the store.
    pub(super) fn extra_arguments(self) -> impl Iterator<Item = (&'a PathBuf, Named<'a>)> {
        self.settings().flat_map(|settings| {
            let named = settings.argument_name(Setting::ExtraCaCerts);
            settings.argument.extra_ca_certs.iter().map(move |path| (path, named))
        })
    }

    pub(super) fn configs(self) -> impl Iterator<Item = &'a ConfigLayer> {
        self.settings().flat_map(|settings| &settings.config)
    }

    /// The flag by which a user of the application gives a setting, if there is one.
    pub(super) fn flag(self, setting: Setting) -> Option<&'static str> {
        self.settings()
            .find_map(|settings| settings.names_declared().flags(setting).first().copied())
    }

    /// What a user of the application can give a setting by.
    pub(crate) fn name(self, setting: Setting) -> &'static str {
        self.flag(setting).unwrap_or_else(|| setting.key())
    }

    /// What a user of the application can give a setting by without changing the program.
    pub(crate) fn name_for_users(self, setting: Setting) -> Option<&'static str> {
        let config = || self.configs().next().map(|config| config.named(setting).name);
        self.flag(setting).or_else(|| self.variables(setting).next()).or_else(config)
    }

    pub(super) fn variables(self, setting: Setting) -> impl Iterator<Item = &'static str> {
        self.settings()
            .flat_map(move |settings| settings.names_declared().variables(setting))
            .copied()
    }

    /// The first variable of a setting that is set, and its value.
    pub(super) fn variable(self, setting: Setting) -> Option<(OsString, Named<'a>)> {
        let set = |name: &'static str| {
            let value = (self.world.variable)(name).filter(|value| !value.is_empty())?;
            Some((value, Named::elsewhere(name)))
        };
        // Asked last: it costs system calls.
        self.variables(setting).find_map(set).filter(|_| !(self.world.privileged)())
    }

    /// The path in the variable of a setting, and the variable that has it or might have.
    fn path_variable(self, setting: Setting) -> (Option<PathBuf>, Named<'a>) {
        match self.variable(setting) {
            Some((path, named)) => (Some(path.into()), named),
            None => {
                let variable = self.variables(setting).next();
                (None, Named::elsewhere(variable.unwrap_or_else(|| self.name(setting))))
            }
        }
    }

    /// What the highest that says something about a setting says, and how its user knows it.
    fn first<T>(
        self,
        setting: Setting,
        says: impl Fn(&Layer) -> Option<T>,
        read: impl Fn(&str) -> Option<T>,
        allowed: &str,
    ) -> Result<Option<(T, Named<'a>)>, Error> {
        let argument = self.argument(setting, &says);
        if argument.is_some() {
            return Ok(argument);
        }
        if let Some((text, named)) = self.variable(setting) {
            return match text.to_str().and_then(&read) {
                Some(value) => Ok(Some((value, named))),
                None => Err(Error::new(
                    ErrorKind::InvalidSetting,
                    format!("{named} is {text:?}; it has to be {allowed}, or unset"),
                )
                .with_setting(named.name)),
            };
        }
        Ok(self.configs().find_map(|c| Some((says(&c.layer)?, c.named(setting)))))
    }

    /// Whether the other side has to prove who it is, and which setting says so.
    pub(crate) fn verifies(self) -> Result<(bool, Option<Named<'a>>), Error> {
        let insecure = |text: &str| text.parse::<bool>().ok().map(|insecure| !insecure);
        let found = self.first(Setting::Verify, |layer| layer.verify, insecure, "true or false")?;
        Ok(found.map_or((true, None), |(verify, named)| (verify, Some(named))))
    }

    /// The oldest TLS version to speak.
    pub(crate) fn tls_minimum(self) -> Result<TlsVersion, Error> {
        Ok(self.tls_minimum_named()?.0)
    }

    /// The same, and which setting says so.
    pub(crate) fn tls_minimum_named(self) -> Result<(TlsVersion, Named<'a>), Error> {
        self.tls_minimum_over(defaults::CACERTS_TLS_MIN_VERSION.parse()?)
    }

    pub(super) fn tls_minimum_over(
        self,
        baked: TlsVersion,
    ) -> Result<(TlsVersion, Named<'a>), Error> {
        let found = self.first(
            Setting::MinTlsVersion,
            |layer| layer.min_tls_version,
            |text| text.parse().ok(),
            "1.2 or 1.3 (rustls speaks neither TLS 1.0 and 1.1 nor SSL)",
        )?;
        match found {
            Some((asked, named)) if asked < baked => Err(Error::new(
                ErrorKind::InvalidSetting,
                format!(
                    "{named} asks for TLS {asked}, and this program speaks no version older than \
                     {baked} (CACERTS_TLS_MIN_VERSION); ask for {baked} or nothing"
                ),
            )
            .with_setting(named.name)),
            Some(asked) => Ok(asked),
            None => Ok((baked, Named::elsewhere("CACERTS_TLS_MIN_VERSION"))),
        }
    }

    /// The certificate and key of this side. Both are taken from the same place, so that a certificate
    /// given as an argument is never paired with a configured key.
    pub(crate) fn identity(self) -> Option<IdentityFiles<'a>> {
        let argument = self.settings().find_map(|settings| {
            IdentityFiles::of(Origin::Argument, &settings.argument, |setting| {
                settings.argument_name(setting)
            })
        });
        argument.or_else(|| self.identity_in_variables()).or_else(|| {
            self.configs().find_map(|c| {
                IdentityFiles::of(Origin::Config, &c.layer, |setting| c.named(setting))
            })
        })
    }

    fn identity_in_variables(self) -> Option<IdentityFiles<'a>> {
        let (cert, cert_name) = self.path_variable(Setting::ClientCert);
        let (key, key_name) = self.path_variable(Setting::ClientKey);
        let is_set = cert.is_some() || key.is_some();
        let origin = Origin::Environment;
        is_set.then_some(IdentityFiles { origin, cert, cert_name, key, key_name })
    }

    /// Whether configurations follow their store.
    pub(crate) fn reload(self) -> bool {
        self.settings().find_map(|settings| settings.reload).unwrap_or(true)
    }

    /// For how long configurations trust what was removed.
    pub(crate) fn keep_removed(self) -> Option<Duration> {
        self.settings().find_map(|settings| settings.keep_removed)
    }

    /// The path that a setting means. In a configuration file it is absolute or begins with `~/`,
    /// because nobody can say relative to what; anywhere else it is taken as it stands.
    pub(crate) fn written_path(self, path: &Path, named: Named<'_>) -> Result<PathBuf, Error> {
        let refuse = |why: &str| {
            let message = format!("{named} {why}");
            Err(Error::new(ErrorKind::InvalidSetting, message)
                .with_setting(named.name)
                .with_path(path))
        };
        if path.as_os_str().is_empty() {
            return refuse("is empty; give a path, or leave it out");
        }
        if let Place::Elsewhere = named.place {
            return Ok(path.to_owned());
        }
        if let Ok(rest) = path.strip_prefix("~") {
            // The caller chooses it, so a privileged process does not go by it.
            let home = (self.world.variable)(HOME).filter(|home| Path::new(home).is_absolute());
            return match home {
                Some(home) if !(self.world.privileged)() => Ok(Path::new(&home).join(rest)),
                _ => refuse(&format!(
                    "is {}, and there is no home directory to go by; write the path out",
                    shown::path(path)
                )),
            };
        }
        if path.is_absolute() {
            return Ok(path.to_owned());
        }
        refuse(&format!(
            "is the relative path {}; write an absolute one, or ~/...",
            shown::path(path)
        ))
    }
}

impl ConfigLayer {
    /// How the user knows a setting that stands in it.
    pub(super) fn named(&self, setting: Setting) -> Named<'_> {
        Named { name: self.names.name(setting), place: Place::Config(self.file.as_deref()) }
    }
}

impl Settings {
    /// Whether servers have to prove who they are: by these settings, by those of the process, and by
    /// a variable that the application declares.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSetting`] where such a variable is neither `true` nor `false`.
    pub fn verifies(&self) -> Result<bool, Error> {
        Ok(Asked::of(self).verifies()?.0)
    }
}
