//! Privileged: mail to people.

use super::run_time_only;
use crate::bindings::ouro::host::mail::{self, Error as MailError};
use crate::js::{Ctx, Error, Func, Object, Result, Text, throw_code};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("mailSend", Func::from(send))
}

fn send(ctx: Ctx<'_>, to: Text, subject: Text, text: Text) -> Result<()> {
    run_time_only(&ctx, "sending mail")?;
    mail::send(&to.0, &subject.0, &text.0).map_err(|error| throw(&ctx, error))
}

fn throw(ctx: &Ctx<'_>, error: MailError) -> Error {
    let (code, message) = match error {
        MailError::NotConfigured => ("not-configured", "no mail is configured".to_owned()),
        MailError::Invalid(message) => ("invalid", message),
        MailError::Unavailable(message) => ("unavailable", message),
    };
    throw_code(ctx, code, &message)
}
