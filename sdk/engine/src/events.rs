//! What a worker is asked for beside HTTP requests to its default export: events, and the calls of other workers (`events` in
//! `wit/engine.wit`).

use crate::bindings::exports::ouro::host::events::{
    Batch, Email, EmailOutcome, Entrypoint, Event, Forward, Guest, MessageBody, Outcome,
    QueueMessage, QueueOutcome, Reply, Request, Retry, ScheduledOutcome,
};
use crate::bindings::ouro::host::env::Entry;
use crate::bindings::ouro::host::service::Channel;
use crate::http::{env_entry, request};
use crate::invocation;
use crate::js::{
    Array, Bytes, Ctx, IntoJs, Object, Result, Text, Value, bytes_value, string_array,
};
use crate::native::{headers, service};
use crate::{body, engine};

impl Guest for crate::Engine {
    fn run(event: Event, env: Vec<Entry>) -> Outcome {
        let kind = Kind::of(&event);
        let env: Vec<_> = env.into_iter().map(env_entry).collect();
        invocation::run(
            |ctx| {
                let argument = argument(ctx, event)?;
                let env = env_list(ctx, &env)?;
                engine::call(ctx, "event", (kind.name(), argument, env))
            },
            |ctx| {
                let outcome = engine::call(ctx, "outcome", ());
                outcome.and_then(|outcome| kind.outcome(ctx, outcome))
            },
        )
        .unwrap_or_else(|| kind.nothing())
    }

    fn fetch(entrypoint: Entrypoint, asked: Request, env: Vec<Entry>) {
        let (asked, fields) = request(asked);
        let env: Vec<_> = env.into_iter().map(env_entry).collect();
        invocation::set_headers(fields);
        invocation::run(
            |ctx| {
                let body = match asked.body {
                    body::Source::Empty => Value::new_null(ctx.clone()),
                    source => body::to_value(ctx, source)?,
                };
                let whom = whom(ctx, entrypoint)?;
                let env = env_list(ctx, &env)?;
                engine::call(ctx, "fetchFrom", (whom, asked.method, asked.url, body, env))
            },
            |_| Ok(()),
        );
    }

    fn serve(entrypoint: Entrypoint, channel: Channel, env: Vec<Entry>) {
        let env: Vec<_> = env.into_iter().map(env_entry).collect();
        invocation::run(
            |ctx| {
                let channel = service::channel_value(ctx, channel)?;
                let whom = whom(ctx, entrypoint)?;
                let env = env_list(ctx, &env)?;
                engine::call(ctx, "serve", (whom, channel, env))
            },
            |_| Ok(()),
        );
    }
}

fn env_list<'js>(ctx: &Ctx<'js>, env: &[invocation::EnvEntry]) -> Result<Array<'js>> {
    let flat = env
        .iter()
        .flat_map(|(name, kind, value)| [name.as_str(), kind, value.as_str()]);
    string_array(ctx, flat)
}

/// Name and props of an entrypoint, each null where it is absent.
fn whom<'js>(ctx: &Ctx<'js>, entrypoint: Entrypoint) -> Result<Array<'js>> {
    let whom = Array::new(ctx.clone())?;
    whom.set(0, text_or_null(ctx, entrypoint.name)?)?;
    whom.set(1, text_or_null(ctx, entrypoint.props)?)?;
    Ok(whom)
}

fn text_or_null<'js>(ctx: &Ctx<'js>, text: Option<String>) -> Result<Value<'js>> {
    match text {
        Some(text) => text.into_js(ctx),
        None => Ok(Value::new_null(ctx.clone())),
    }
}

/// What the prelude's `event` takes.
fn argument<'js>(ctx: &Ctx<'js>, event: Event) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    match event {
        Event::Scheduled(scheduled) => {
            object.set("scheduledTime", scheduled.time_ms as f64)?;
            object.set("cron", scheduled.cron)?;
        }
        Event::Queue(Batch { queue, messages }) => {
            object.set("queue", queue)?;
            let list = Array::new(ctx.clone())?;
            for (index, message) in messages.into_iter().enumerate() {
                list.set(index, queue_message(ctx, message)?)?;
            }
            object.set("messages", list)?;
        }
        Event::Email(Email { from, to, raw }) => {
            object.set("from", from)?;
            object.set("to", to)?;
            object.set("raw", bytes_value(ctx, &raw)?)?;
        }
        Event::Tail(items) => object.set("items", items)?,
    }
    Ok(object)
}

fn queue_message<'js>(ctx: &Ctx<'js>, message: QueueMessage) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("id", message.id)?;
    object.set("timestamp", message.timestamp_ms as f64)?;
    object.set("attempts", message.attempts)?;
    match message.body {
        MessageBody::Json(json) => object.set("json", json)?,
        MessageBody::Text(text) => object.set("body", text)?,
        MessageBody::Bytes(bytes) => object.set("body", bytes_value(ctx, &bytes)?)?,
    }
    Ok(object)
}

/// Of an event, after the event itself was handed over.
#[derive(Clone, Copy)]
enum Kind {
    Scheduled,
    Queue,
    Email,
    Tail,
}

impl Kind {
    fn of(event: &Event) -> Self {
        match event {
            Event::Scheduled(_) => Self::Scheduled,
            Event::Queue(_) => Self::Queue,
            Event::Email(_) => Self::Email,
            Event::Tail(_) => Self::Tail,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Queue => "queue",
            Self::Email => "email",
            Self::Tail => "tail",
        }
    }

    /// Where the handler could not even be called.
    fn nothing(self) -> Outcome {
        match self {
            Self::Scheduled => Outcome::Scheduled(ScheduledOutcome { no_retry: false }),
            Self::Queue => Outcome::Queue(QueueOutcome {
                ack_all: false,
                retry_all: false,
                retry_all_delay_seconds: None,
                acks: Vec::new(),
                retries: Vec::new(),
            }),
            Self::Email => Outcome::Email(EmailOutcome {
                reject: None,
                forwards: Vec::new(),
                replies: Vec::new(),
            }),
            Self::Tail => Outcome::Tail,
        }
    }

    /// Reads what the prelude's `outcome` gives.
    fn outcome<'js>(self, ctx: &Ctx<'js>, object: Object<'js>) -> Result<Outcome> {
        Ok(match self {
            Self::Scheduled => Outcome::Scheduled(ScheduledOutcome {
                no_retry: object.get("noRetry")?,
            }),
            Self::Queue => Outcome::Queue(queue_outcome(&object)?),
            Self::Email => Outcome::Email(email_outcome(ctx, &object)?),
            Self::Tail => Outcome::Tail,
        })
    }
}

fn queue_outcome(object: &Object<'_>) -> Result<QueueOutcome> {
    let retries: Vec<Vec<Option<u32>>> = object.get("retries")?;
    let retries = retries.into_iter().filter_map(|retry| match retry[..] {
        [Some(message), delay_seconds] => Some(Retry {
            message,
            delay_seconds,
        }),
        _ => None,
    });
    Ok(QueueOutcome {
        ack_all: object.get("ackAll")?,
        retry_all: object.get("retryAll")?,
        retry_all_delay_seconds: object.get("retryAllDelay")?,
        acks: object.get("acks")?,
        retries: retries.collect(),
    })
}

fn email_outcome<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> Result<EmailOutcome> {
    let text = |object: &Object<'js>, name: &str| -> Result<String> {
        let text: Text = object.get(name)?;
        Ok(text.0)
    };
    let mut outcome = EmailOutcome {
        reject: object.get::<_, Option<Text>>("reject")?.map(|text| text.0),
        forwards: Vec::new(),
        replies: Vec::new(),
    };
    for forward in object.get::<_, Vec<Object>>("forwards")? {
        outcome.forwards.push(Forward {
            to: text(&forward, "to")?,
            headers: headers::to_lines(ctx, &forward.get("headers")?)?,
        });
    }
    for reply in object.get::<_, Vec<Object>>("replies")? {
        outcome.replies.push(Reply {
            from: text(&reply, "from")?,
            to: text(&reply, "to")?,
            raw: reply.get::<_, Bytes>("raw")?.as_slice().to_vec(),
        });
    }
    Ok(outcome)
}
