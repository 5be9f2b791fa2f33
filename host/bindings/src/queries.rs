//! Queries of one invocation that it does not wait for yet, and what they may hold of the host.
//!
//! It leaves out the size of one answer, which the database limits.

use std::sync::Arc;

use ouro_core::ports::database::{self as port, Database, DatabaseError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::AbortOnDropHandle;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::Pollable;

use crate::generated::ouro::host::database::{Statement, Value};

/// Queries of one invocation that run at once; more wait their turn.
const RUNNING_MAX: usize = 8;
/// Queries of one invocation that run, wait, or were not taken yet.
const PENDING_MAX: usize = 256;
/// Parameters that wait and answers that were not taken yet, of one invocation.
const HELD_BYTES_MAX: usize = 128 << 20;

/// The resource `pending`. A query that has not finished ends with it.
pub struct Pending {
    state: State,
    /// `None` where the query was refused for want of one.
    _place: Option<OwnedSemaphorePermit>,
}

enum State {
    Running(AbortOnDropHandle<Held>),
    Done(Held),
    Taken,
}

pub(crate) type Answer = Result<Vec<port::ResultSet>, DatabaseError>;

/// An answer with its share of the invocation's bytes. Nothing is held for a refusal.
struct Held(Answer, Option<OwnedSemaphorePermit>);

impl Held {
    fn refusal(text: String) -> Self {
        Self(Err(DatabaseError::Limit(text)), None)
    }
}

/// The queries of an invocation, as permits: what is dropped gives its share back.
pub(crate) struct Queries {
    running: Arc<Semaphore>,
    places: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

impl Default for Queries {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(RUNNING_MAX)),
            places: Arc::new(Semaphore::new(PENDING_MAX)),
            bytes: Arc::new(Semaphore::new(HELD_BYTES_MAX)),
        }
    }
}

impl Queries {
    pub fn start(&self, database: Arc<dyn Database>, statements: Vec<Statement>) -> Pending {
        let place = self.places.clone().try_acquire_owned().ok();
        let state = match &place {
            Some(_) => self.run(database, statements),
            None => State::Done(Held::refusal(format!(
                "the invocation has {PENDING_MAX} queries under way, which is the limit"
            ))),
        };
        Pending {
            state,
            _place: place,
        }
    }

    fn run(&self, database: Arc<dyn Database>, statements: Vec<Statement>) -> State {
        let size = statements.iter().map(statement_bytes).sum();
        let Some(waiting) = reserve(&self.bytes, size) else {
            return State::Done(Held::refusal(format!(
                "statements of {size} bytes: the invocation would hold more than {HELD_BYTES_MAX} bytes of queries and \
                 answers, which is the limit"
            )));
        };
        let (running, bytes) = (self.running.clone(), self.bytes.clone());
        let statements = statements.into_iter().map(Into::into).collect();
        State::Running(AbortOnDropHandle::new(tokio::spawn(async move {
            // The semaphore is never closed.
            let _turn = running.acquire_owned().await;
            let answer = database.query(statements).await;
            drop(waiting);
            hold(&bytes, answer)
        })))
    }
}

/// The answer with its bytes, or a refusal where they are too many beside those that are held.
fn hold(bytes: &Arc<Semaphore>, answer: Answer) -> Held {
    let Ok(sets) = &answer else {
        return Held(answer, None);
    };
    let size = sets.iter().map(set_bytes).sum();
    match reserve(bytes, size) {
        Some(share) => Held(answer, Some(share)),
        None => Held::refusal(format!(
            "the statements ran, but with their answer of {size} bytes the invocation would hold more than \
             {HELD_BYTES_MAX} bytes of queries and answers, which is the limit"
        )),
    }
}

fn reserve(bytes: &Arc<Semaphore>, size: usize) -> Option<OwnedSemaphorePermit> {
    let size = u32::try_from(size).ok()?;
    bytes.clone().try_acquire_many_owned(size).ok()
}

/// Memory that a statement takes in the host.
fn statement_bytes(statement: &Statement) -> usize {
    let value = |value: &Value| match value {
        Value::Text(text) => text.len(),
        Value::Blob(blob) => blob.len(),
        Value::Null | Value::Integer(_) | Value::Real(_) => 0,
    };
    size_of::<port::Statement>()
        + statement.sql.len()
        + size_of_val(statement.params.as_slice())
        + statement.params.iter().map(value).sum::<usize>()
}

/// Memory that the answer to a statement takes in the host.
fn set_bytes(set: &port::ResultSet) -> usize {
    let value = |value: &port::Value| match value {
        port::Value::Text(text) => text.len(),
        port::Value::Blob(blob) => blob.len(),
        port::Value::Null | port::Value::Integer(_) | port::Value::Real(_) => 0,
    };
    let row =
        |row: &Vec<port::Value>| size_of_val(row.as_slice()) + row.iter().map(value).sum::<usize>();
    let column = |name: &String| size_of::<String>() + name.len();
    size_of::<port::ResultSet>()
        + set.columns.iter().map(column).sum::<usize>()
        + size_of_val(set.rows.as_slice())
        + set.rows.iter().map(row).sum::<usize>()
}

impl Pending {
    pub fn refused(text: String) -> Self {
        Self {
            state: State::Done(Held::refusal(text)),
            _place: None,
        }
    }

    /// The answer, when it is there; `None` where it was taken before.
    pub async fn take(&mut self) -> Option<Answer> {
        self.ready().await;
        match std::mem::replace(&mut self.state, State::Taken) {
            State::Done(Held(answer, _share)) => Some(answer),
            State::Running(_) | State::Taken => None,
        }
    }
}

#[async_trait]
impl Pollable for Pending {
    async fn ready(&mut self) {
        if let State::Running(task) = &mut self.state {
            let done = task.await.unwrap_or_else(|error| {
                let text = format!("the query was interrupted: {error}");
                Held(Err(DatabaseError::Unavailable(text)), None)
            });
            self.state = State::Done(done);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::Mutex;
    use tokio::sync::mpsc::{
        Receiver, Sender, UnboundedReceiver, UnboundedSender, channel, unbounded_channel,
    };

    use super::*;

    /// Answers each query with what it is given, and tells when one ends.
    struct Scripted {
        answers: Mutex<Receiver<Answer>>,
        ended: UnboundedSender<()>,
    }

    #[async_trait]
    impl Database for Scripted {
        async fn query(&self, _statements: Vec<port::Statement>) -> Answer {
            let _ended = Ended(self.ended.clone());
            let answer = self.answers.lock().await.recv().await;
            answer.expect("the test gives an answer")
        }

        async fn exec(&self, _sql: String) -> Result<port::ExecSummary, DatabaseError> {
            unreachable!("these tests run queries")
        }
    }

    struct Ended(UnboundedSender<()>);

    impl Drop for Ended {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }

    fn scripted() -> (Arc<Scripted>, Sender<Answer>, UnboundedReceiver<()>) {
        let (answer, answers) = channel(64);
        let (ended, ends) = unbounded_channel();
        let answers = Mutex::new(answers);
        (Arc::new(Scripted { answers, ended }), answer, ends)
    }

    fn statements(param_bytes: usize) -> Vec<Statement> {
        vec![Statement {
            sql: "select ?".into(),
            params: vec![Value::Blob(vec![0; param_bytes])],
        }]
    }

    fn blob(bytes: usize) -> Answer {
        Ok(vec![port::ResultSet {
            columns: vec!["blob".into()],
            rows: vec![vec![port::Value::Blob(vec![0; bytes])]],
            meta: port::Meta::default(),
        }])
    }

    fn is_refused(pending: &Pending) -> bool {
        matches!(
            pending.state,
            State::Done(Held(Err(DatabaseError::Limit(_)), _))
        )
    }

    #[tokio::test]
    async fn a_query_is_ready_when_it_has_an_answer() {
        let (database, answer, _) = scripted();
        let mut pending = Queries::default().start(database, statements(1));
        answer.send(Ok(Vec::new())).await.expect("runs");
        pending.ready().await;
        assert!(matches!(pending.state, State::Done(Held(Ok(_), _))));
        // It stays so.
        pending.ready().await;
        assert!(matches!(pending.state, State::Done(Held(Ok(_), _))));
    }

    #[tokio::test]
    async fn a_dropped_query_is_cancelled() {
        let (database, _answer, mut ends) = scripted();
        let pending = Queries::default().start(database.clone(), statements(1));
        while Arc::strong_count(&database) < 2 || database.answers.try_lock().is_ok() {
            tokio::task::yield_now().await;
        }
        drop(pending);
        let end = tokio::time::timeout(Duration::from_secs(10), ends.recv()).await;
        assert!(matches!(end, Ok(Some(()))), "it still runs");
    }

    #[tokio::test]
    async fn queries_over_the_number_are_refused_until_others_are_dropped() {
        let (database, _answer, _) = scripted();
        let queries = Queries::default();
        let start = || queries.start(database.clone(), statements(1));
        let mut pending: Vec<_> = (0..PENDING_MAX).map(|_| start()).collect();
        assert!(!pending.iter().any(is_refused));
        assert!(is_refused(&start()));
        pending.pop();
        assert!(!is_refused(&start()));
    }

    #[tokio::test]
    async fn parameters_over_the_bytes_are_refused_until_others_are_dropped() {
        let (database, _answer, _) = scripted();
        let queries = Queries::default();
        let start = || queries.start(database.clone(), statements(HELD_BYTES_MAX / 2 + 1));
        let first = start();
        assert!(!is_refused(&first));
        assert!(is_refused(&start()));
        drop(first);
        // What is aborted lets go of its parameters when the runtime has dropped it.
        while is_refused(&start()) {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn answers_over_the_bytes_are_refused_until_others_are_taken() {
        let (database, answer, _) = scripted();
        let queries = Queries::default();
        let half = async || {
            let mut pending = queries.start(database.clone(), statements(1));
            let sent = answer.send(blob(HELD_BYTES_MAX / 2 + 1)).await;
            sent.expect("runs");
            pending.ready().await;
            pending
        };
        let first = half().await;
        assert!(!is_refused(&first));
        assert!(is_refused(&half().await));
        drop(first);
        assert!(!is_refused(&half().await));
    }
}
