//! Zstandard (RFC 8878).

use zstd::zstd_safe::zstd_sys::{ZSTD_EndDirective as Directive, ZSTD_strategy as Strategy};
use zstd::zstd_safe::{CCtx, CParameter, DCtx, DParameter};
use zstd::zstd_safe::{InBuffer, OutBuffer, get_error_name};

use crate::{Codec, Error, Operation, Parameters, Progress, Result, State};

/// From here on, a little input takes more than a millisecond.
const LEVEL_COSTLY: i32 = 6;
/// From here on, the level's own tables are larger than what a request may hold.
const LEVEL_HUNGRY: i32 = 19;
/// Together, tables of these sizes and the window are less than that.
const WINDOW_LOG_MAX: u32 = 23;
const HASH_LOG_MAX: u32 = 22;
const CHAIN_LOG_MAX: u32 = 22;
const LONG_HASH_LOG_MAX: u32 = 20;
/// Places that are compared for each byte: 2 to the power of this.
const SEARCH_LOG_MAX: u32 = 9;
/// Of what is read. Frames with more are for readers who agreed to it.
const READ_WINDOW_LOG_MAX: u32 = 25;

/// Numbers of parameters (zstd.h).
const LEVEL: u32 = 100;
const STRATEGY: u32 = 107;
const LONG_DISTANCES: u32 = 160;

pub(crate) struct Encoder {
    context: CCtx<'static>,
    is_costly: bool,
}

impl Encoder {
    pub fn new(parameters: Parameters<'_>, total: Option<u64>) -> Result<Self> {
        let mut context = CCtx::try_create().ok_or(Error::Memory)?;
        // The last one counts.
        let level = parameters.iter().rfind(|it| it.0 == LEVEL);
        let level = level.map_or(0, |it| it.1);
        if level >= LEVEL_HUNGRY || parameters.iter().any(|it| it.0 == LONG_DISTANCES) {
            set(&mut context, CParameter::WindowLog(WINDOW_LOG_MAX))?;
            set(&mut context, CParameter::HashLog(HASH_LOG_MAX))?;
            set(&mut context, CParameter::ChainLog(CHAIN_LOG_MAX))?;
            set(&mut context, CParameter::LdmHashLog(LONG_HASH_LOG_MAX))?;
        }
        for &(name, value) in parameters {
            set_bounded(&mut context, name, value)?;
        }
        if total.is_some() {
            let pledged = context.set_pledged_src_size(total);
            pledged.map_err(|_| Error::Parameter)?;
        }
        Ok(Self {
            context,
            is_costly: level >= LEVEL_COSTLY || parameters.iter().any(slows),
        })
    }
}

/// Does the parameter change how much is searched? Such an encoder can take any time for its input, whatever the level is.
fn slows(&(name, value): &(u32, i32)) -> bool {
    matches!(name, 102..=STRATEGY | LONG_DISTANCES..=164) && value != 0
}

fn set(context: &mut CCtx<'_>, parameter: CParameter) -> Result<()> {
    let set = context.set_parameter(parameter);
    set.map(drop).map_err(|_| Error::Parameter)
}

/// The library says whether the value is one; what is too large for a request is set to the largest that is not.
fn set_bounded(context: &mut CCtx<'_>, name: u32, value: i32) -> Result<()> {
    let number = value as u32;
    let is_on = value != 0;
    let bounded = |context: &mut CCtx<'_>, parameter: fn(u32) -> CParameter, max: u32| {
        set(context, parameter(number))?;
        set(context, parameter(number.min(max)))
    };
    match name {
        LEVEL => set(context, CParameter::CompressionLevel(value)),
        101 => bounded(context, CParameter::WindowLog, WINDOW_LOG_MAX),
        102 => bounded(context, CParameter::HashLog, HASH_LOG_MAX),
        103 => bounded(context, CParameter::ChainLog, CHAIN_LOG_MAX),
        104 => bounded(context, CParameter::SearchLog, SEARCH_LOG_MAX),
        105 => set(context, CParameter::MinMatch(number)),
        106 => set(context, CParameter::TargetLength(number)),
        STRATEGY => match strategy(value)? {
            Some(strategy) => set(context, CParameter::Strategy(strategy)),
            None => Ok(()),
        },
        LONG_DISTANCES => set(context, CParameter::EnableLongDistanceMatching(is_on)),
        // The library's own, which is larger.
        161 if value == 0 => Ok(()),
        161 => bounded(context, CParameter::LdmHashLog, LONG_HASH_LOG_MAX),
        162 => set(context, CParameter::LdmMinMatch(number)),
        163 => set(context, CParameter::LdmBucketSizeLog(number)),
        164 => set(context, CParameter::LdmHashRateLog(number)),
        200 => set(context, CParameter::ContentSizeFlag(is_on)),
        201 => set(context, CParameter::ChecksumFlag(is_on)),
        202 => set(context, CParameter::DictIdFlag(is_on)),
        // Threads of its own: there are none.
        400..=402 => Ok(()),
        _ => Err(Error::Parameter),
    }
}

/// None for the level's own.
fn strategy(value: i32) -> Result<Option<Strategy>> {
    Ok(Some(match value {
        0 => return Ok(None),
        1 => Strategy::ZSTD_fast,
        2 => Strategy::ZSTD_dfast,
        3 => Strategy::ZSTD_greedy,
        4 => Strategy::ZSTD_lazy,
        5 => Strategy::ZSTD_lazy2,
        6 => Strategy::ZSTD_btlazy2,
        7 => Strategy::ZSTD_btopt,
        8 => Strategy::ZSTD_btultra,
        9 => Strategy::ZSTD_btultra2,
        _ => return Err(Error::Parameter),
    }))
}

/// The library gives its errors as negative lengths.
fn failed(code: usize) -> Error {
    let number = code.wrapping_neg() as i32;
    Error::Coding(number, get_error_name(code).to_owned())
}

impl Codec for Encoder {
    fn step(&mut self, input: &[u8], operation: Operation, output: &mut [u8]) -> Result<Progress> {
        let directive = match operation {
            Operation::Process | Operation::Metadata => Directive::ZSTD_e_continue,
            Operation::Flush => Directive::ZSTD_e_flush,
            Operation::Finish => Directive::ZSTD_e_end,
        };
        let mut from = InBuffer::around(input);
        let room = output.len();
        let mut to = OutBuffer::around(output);
        let stepped = self.context.compress_stream2(&mut to, &mut from, directive);
        let waiting = stepped.map_err(failed)?;
        let has_all = from.pos() == input.len();
        let state = match directive {
            Directive::ZSTD_e_end if waiting == 0 => State::Ended,
            Directive::ZSTD_e_continue if has_all && to.pos() < room => State::Hungry,
            Directive::ZSTD_e_flush if has_all && waiting == 0 => State::Hungry,
            _ => State::More,
        };
        Ok(Progress {
            consumed: from.pos(),
            written: to.pos(),
            state,
        })
    }

    fn held_bytes(&self) -> usize {
        size_of::<Self>() + self.context.sizeof()
    }

    fn is_costly(&self) -> bool {
        self.is_costly
    }
}

pub(crate) struct Decoder {
    context: DCtx<'static>,
}

impl Decoder {
    pub fn new(parameters: Parameters<'_>) -> Result<Self> {
        let mut context = DCtx::try_create().ok_or(Error::Memory)?;
        let mut set = |window_log: u32| {
            let set = context.set_parameter(DParameter::WindowLogMax(window_log));
            set.map(drop).map_err(|_| Error::Parameter)
        };
        set(READ_WINDOW_LOG_MAX)?;
        for &(name, value) in parameters {
            if name != LEVEL {
                return Err(Error::Parameter);
            }
            // 0 is the library's own, which is larger.
            if value != 0 {
                set(value as u32)?;
                set((value as u32).min(READ_WINDOW_LOG_MAX))?;
            }
        }
        Ok(Self { context })
    }
}

impl Codec for Decoder {
    fn step(&mut self, input: &[u8], _: Operation, output: &mut [u8]) -> Result<Progress> {
        let mut from = InBuffer::around(input);
        let room = output.len();
        let mut to = OutBuffer::around(output);
        let stepped = self.context.decompress_stream(&mut to, &mut from);
        let state = match stepped.map_err(failed)? {
            0 => State::Ended,
            _ if to.pos() < room && from.pos() == input.len() => State::Hungry,
            _ => State::More,
        };
        Ok(Progress {
            consumed: from.pos(),
            written: to.pos(),
            state,
        })
    }

    fn held_bytes(&self) -> usize {
        size_of::<Self>() + self.context.sizeof()
    }

    fn is_costly(&self) -> bool {
        false
    }
}
