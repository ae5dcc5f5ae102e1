//! From arguments to settings: the layers of the configuration file, the environment and the flags.

use std::path::Path;

use super::arguments::RunArguments;
use super::data_arguments::DataArguments;
use crate::settings::{InForce, Layers};
use crate::{ServerError, ServiceConfig, SettingsError};

impl DataArguments {
    /// A configuration that opens this data. No page is shown, so the operator's own texts are left out: a mistake in one keeps nobody from a backup.
    pub(super) fn config(&self) -> Result<ServiceConfig, ServerError> {
        let mut in_force = self.layers()?.in_force()?;
        in_force.settings.texts = None;
        Ok(in_force.config()?)
    }

    fn layers(&self) -> Result<Layers, SettingsError> {
        let mut layers = Layers::new()?;
        if let Some(path) = &self.config {
            layers.file(path);
        }
        layers.environment(std::env::vars_os().filter_map(|(name, value)| {
            // Variables that are no text are not ours.
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }));
        let path = |path: &Path| path.display().to_string();
        for (flag, key, given) in [
            ("--data", "data", self.data.as_deref().map(path)),
            ("--database-url", "database_url", self.database_url.clone()),
            ("--master-key-file", "master_key_file", self.master_key_file.as_deref().map(path)),
        ] {
            if let Some(text) = given {
                layers.flag(flag, key, &text);
            }
        }
        if !self.previous_master_key_file.is_empty() {
            let files = self.previous_master_key_file.iter().map(|file| path(file));
            layers.flags("--previous-master-key-file", "previous_master_key_files", files);
        }
        for assignment in &self.set {
            layers.set(assignment);
        }
        Ok(layers)
    }
}

impl RunArguments {
    /// Everything that is set for a service.
    pub(super) fn in_force(&self) -> Result<InForce, ServerError> {
        let mut layers = self.data.layers()?;
        let path = |path: &Path| path.display().to_string();
        for (flag, key, given) in [
            ("--listen", "listen", self.listen.clone()),
            ("--public-url", "public_url", self.public_url.clone()),
            ("--tls-certificate", "tls.certificate", self.tls_certificate.as_deref().map(path)),
            ("--tls-key", "tls.key", self.tls_key.as_deref().map(path)),
            ("--allow-plain-http", "allow_plain_http", self.allow_plain_http.then(|| "true".to_owned())),
        ] {
            if let Some(text) = given {
                layers.flag(flag, key, &text);
            }
        }
        if let Some(seconds) = self.answer_timeout {
            layers.flag("--answer-timeout", "sessions.answer_timeout", &format!("{seconds}s"));
        }
        match self.console.as_deref() {
            Some("off") => layers.flag("--console", "console.enabled", "false"),
            Some(who) => {
                // It counts more than a file that switches the Console off.
                layers.flag("--console", "console.enabled", "true");
                layers.flag("--console", "console.registration", who);
            }
            None => {}
        }
        if !self.trusted_proxy.is_empty() {
            layers.flags("--trusted-proxy", "trusted_proxies", self.trusted_proxy.iter().cloned());
        }
        Ok(layers.in_force()?)
    }
}
