//! Privileged: when workers run by themselves.

use ouro_core::cron::{CronError, Weekdays};
use ouro_runtime::HostState;

use crate::generated::ouro::host::crons::{Error, Host, Weekdays as Given};
use crate::grants;

impl Host for HostState {
    fn check(
        &mut self,
        expression: String,
        time_zone: String,
        weekdays: Given,
    ) -> wasmtime::Result<Result<Vec<u64>, Error>> {
        let shared = grants::shared(self)?;
        let weekdays = match weekdays {
            Given::Posix => Weekdays::Posix,
            Given::Cloudflare => Weekdays::Cloudflare,
        };
        let times = shared.ports.crons.check(&expression, &time_zone, weekdays);
        let times = times.map_err(Error::from);
        Ok(times.map(|times| times.into_iter().map(i64::cast_unsigned).collect()))
    }

    fn reload(&mut self) -> wasmtime::Result<()> {
        grants::shared(self)?.ports.crons.reload();
        Ok(())
    }
}

impl From<CronError> for Error {
    fn from(error: CronError) -> Self {
        let text = error.to_string();
        if error.is_about_time_zone() {
            Self::TimeZone(text)
        } else {
            Self::Expression(text)
        }
    }
}
