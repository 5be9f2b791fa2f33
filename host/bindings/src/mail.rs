//! Privileged: mail to people.

use ouro_core::ports::mail::MailError;
use ouro_runtime::HostState;

use crate::generated::ouro::host::mail::{Error, Host};
use crate::grants;

impl Host for HostState {
    async fn send(
        &mut self,
        to: String,
        subject: String,
        text: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        let mailer = grants::shared(self)?.ports.mail.clone();
        Ok(mailer.send(to, subject, text).await.map_err(Error::from))
    }
}

impl From<MailError> for Error {
    fn from(error: MailError) -> Self {
        match error {
            MailError::NotConfigured => Self::NotConfigured,
            MailError::Invalid(text) => Self::Invalid(text),
            MailError::Unavailable(text) => Self::Unavailable(text),
        }
    }
}
