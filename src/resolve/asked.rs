//! What is asked for: the settings of the caller, those of the process below them, and the variables
//! that the application has declared. It may use `settings`, `defaults`, `error` and `world`.

use super::world::World;
use crate::defaults;
use crate::error::{Error, ErrorKind};
use crate::settings::installed;
use crate::settings::{ConfigLayer, Layer, Named, Names, Place, Setting, Settings, TlsVersion};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Settings in their order, highest first: arguments, variables, configuration.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    own: &'a Settings,
    installed: Option<&'a Settings>,
    pub(super) world: &'a World<'a>,
}

/// Where the certificate and the key of this side are; at least one of them is there.
pub(crate) struct IdentityFiles<'a> {
    pub(crate) cert: Option<PathBuf>,
    pub(crate) cert_name: Named<'a>,
    pub(crate) key: Option<PathBuf>,
    pub(crate) key_name: Named<'a>,
}

impl<'a> Asked<'a> {
    /// For clients, which also go by the settings of the process.
    pub(crate) fn of(settings: &'a Settings) -> Self {
        Self::within(settings, installed(), &World::REAL)
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

    pub(super) fn arguments(self) -> impl Iterator<Item = &'a Layer> {
        self.settings().map(|settings| &settings.argument)
    }

    pub(super) fn configs(self) -> impl Iterator<Item = &'a ConfigLayer> {
        self.settings().flat_map(|settings| &settings.config)
    }

    fn names(self) -> &'a Names {
        self.settings().find_map(|settings| settings.names.as_ref()).unwrap_or(&Names::KEYS)
    }

    /// What a user of the application knows a setting by, where it can be said for the first time.
    pub(crate) fn name(self, setting: Setting) -> &'static str {
        self.names().name(setting)
    }

    pub(super) fn has_flag(self, setting: Setting) -> bool {
        !self.names().flags(setting).is_empty()
    }

    pub(super) fn variables(self, setting: Setting) -> &'static [&'static str] {
        self.names().variables(setting)
    }

    /// The first variable of a setting that is set, and its value.
    pub(super) fn variable(self, setting: Setting) -> Option<(OsString, Named<'a>)> {
        let set = |name: &&'static str| {
            let value = (self.world.variable)(name).filter(|value| !value.is_empty())?;
            Some((value, Named { name, place: Place::Elsewhere }))
        };
        // Asked last: it costs system calls.
        self.variables(setting).iter().find_map(set).filter(|_| !(self.world.privileged)())
    }

    /// The path in the variable of a setting, and the variable that has it or might have.
    fn path_variable(self, setting: Setting) -> (Option<PathBuf>, Named<'a>) {
        match (self.variable(setting), self.variables(setting)) {
            (Some((path, named)), _) => (Some(path.into()), named),
            (None, [name, ..]) => (None, Named { name, place: Place::Elsewhere }),
            (None, []) => (None, self.argument_name(setting)),
        }
    }

    fn argument_name(self, setting: Setting) -> Named<'a> {
        Named { name: self.name(setting), place: Place::Elsewhere }
    }

    /// What the highest that says something about a setting says, and how its user knows it.
    fn first<T>(
        self,
        setting: Setting,
        says: impl Fn(&Layer) -> Option<T>,
        read: impl Fn(&str) -> Option<T>,
        allowed: &str,
    ) -> Result<Option<(T, Named<'a>)>, Error> {
        if let Some(value) = self.arguments().find_map(&says) {
            return Ok(Some((value, self.argument_name(setting))));
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
        self.tls_minimum_over(defaults::CACERTS_TLS_MIN_VERSION.parse()?)
    }

    pub(super) fn tls_minimum_over(self, baked: TlsVersion) -> Result<TlsVersion, Error> {
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
            Some((asked, _)) => Ok(asked),
            None => Ok(baked),
        }
    }

    /// The certificate and key of this side. Both are taken from the same place, so that a certificate
    /// given as an argument is never paired with a configured key.
    pub(crate) fn identity(self) -> Option<IdentityFiles<'a>> {
        let (cert_name, key_name) = (Setting::ClientCert, Setting::ClientKey);
        let says = |layer: &Layer| {
            let (cert, key) = (layer.client_cert.clone(), layer.client_key.clone());
            (cert.is_some() || key.is_some()).then_some((cert, key))
        };
        if let Some((cert, key)) = self.arguments().find_map(says) {
            return Some(IdentityFiles {
                cert,
                cert_name: self.argument_name(cert_name),
                key,
                key_name: self.argument_name(key_name),
            });
        }
        let (cert, cert_name_here) = self.path_variable(cert_name);
        let (key, key_name_here) = self.path_variable(key_name);
        if cert.is_some() || key.is_some() {
            return Some(IdentityFiles {
                cert,
                cert_name: cert_name_here,
                key,
                key_name: key_name_here,
            });
        }
        self.configs().find_map(|config| {
            let (cert, key) = says(&config.layer)?;
            Some(IdentityFiles {
                cert,
                cert_name: config.named(cert_name),
                key,
                key_name: config.named(key_name),
            })
        })
    }

    /// Whether configurations follow their store.
    pub(crate) fn reload(self) -> bool {
        self.settings().find_map(|settings| settings.reload).unwrap_or(true)
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
            // The caller chooses HOME, so a privileged process does not go by it.
            let home = (self.world.variable)("HOME").filter(|home| Path::new(home).is_absolute());
            return match home {
                Some(home) if !(self.world.privileged)() => Ok(Path::new(&home).join(rest)),
                _ => refuse(&format!(
                    "is {}, and there is no home directory to go by; write the path out",
                    path.display()
                )),
            };
        }
        if path.is_absolute() {
            return Ok(path.to_owned());
        }
        refuse(&format!("is the relative path {}; write an absolute one, or ~/...", path.display()))
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
