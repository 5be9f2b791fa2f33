//! The conversation between two instances on this node: two bounded queues of messages, one for each direction.
//!
//! What waits is counted against the invocation that began the chain of calls, so that no tree of conversations makes the host hold
//! more than one invocation may.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::Pollable;

use crate::origin::Chain;

/// Bookkeeping of a message beside its bytes.
const MESSAGE_OVERHEAD_BYTES: usize = 64;

/// JSON, and the bytes that it refers to by position.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Message {
    pub text: String,
    pub blobs: Vec<Vec<u8>>,
}

impl Message {
    fn size(&self) -> usize {
        let blobs = self
            .blobs
            .iter()
            .map(|blob| blob.len() + MESSAGE_OVERHEAD_BYTES);
        self.text.len() + MESSAGE_OVERHEAD_BYTES + blobs.sum::<usize>()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// The other side has ended; the text says why, where it failed.
    #[error("{0}")]
    Closed(String),
    #[error("{0}")]
    Limit(String),
}

#[derive(Default)]
struct Queue {
    messages: VecDeque<Message>,
    /// Why nothing more comes.
    closed: Option<String>,
    reader: Option<Waker>,
}

/// One side. Dropping it ends the conversation.
pub struct Channel {
    incoming: Arc<Mutex<Queue>>,
    outgoing: Arc<Mutex<Queue>>,
    chain: Arc<Chain>,
}

/// Ends a conversation from outside of both instances.
#[derive(Clone)]
pub(crate) struct Closer([Arc<Mutex<Queue>>; 2]);

/// Both sides of a new conversation.
pub(crate) fn channel(chain: &Arc<Chain>) -> (Channel, Channel) {
    let (there, back) = (Arc::default(), Arc::default());
    let side = |incoming: &Arc<_>, outgoing: &Arc<_>| Channel {
        incoming: Arc::clone(incoming),
        outgoing: Arc::clone(outgoing),
        chain: chain.clone(),
    };
    (side(&back, &there), side(&there, &back))
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Queue {
    fn close(&mut self, reason: &str) {
        // An instance that fails ends its side before anybody can say why.
        let told = self.closed.get_or_insert_default();
        if told.is_empty() {
            reason.clone_into(told);
        }
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

impl Channel {
    /// # Errors
    /// The other side is gone, or too much waits for it.
    pub fn send(&self, message: Message) -> Result<(), ChannelError> {
        let mut queue = lock(&self.outgoing);
        if let Some(reason) = &queue.closed {
            return Err(ChannelError::Closed(reason.clone()));
        }
        self.chain
            .hold(message.size())
            .map_err(ChannelError::Limit)?;
        queue.messages.push_back(message);
        if let Some(reader) = queue.reader.take() {
            reader.wake();
        }
        Ok(())
    }

    /// The oldest message that has arrived; `None` where there is none yet.
    ///
    /// # Errors
    /// Nothing more comes.
    pub fn receive(&self) -> Result<Option<Message>, ChannelError> {
        let mut queue = lock(&self.incoming);
        match (queue.messages.pop_front(), &queue.closed) {
            (Some(message), _) => {
                self.chain.release(message.size());
                Ok(Some(message))
            }
            (None, Some(reason)) => Err(ChannelError::Closed(reason.clone())),
            (None, None) => Ok(None),
        }
    }

    pub(crate) fn closer(&self) -> Closer {
        Closer([self.incoming.clone(), self.outgoing.clone()])
    }
}

impl Closer {
    /// The first reason that is given stays.
    pub fn close(&self, reason: &str) {
        self.0.iter().for_each(|queue| lock(queue).close(reason));
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        let unread = {
            let mut queue = lock(&self.incoming);
            // At once: what the other side would send between the two would never be released.
            queue.close("");
            std::mem::take(&mut queue.messages)
        };
        self.chain.release(unread.iter().map(Message::size).sum());
        lock(&self.outgoing).close("");
    }
}

#[async_trait]
impl Pollable for Channel {
    async fn ready(&mut self) {
        poll_fn(|cx| {
            let mut queue = lock(&self.incoming);
            if queue.closed.is_some() || !queue.messages.is_empty() {
                return Poll::Ready(());
            }
            queue.reader = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Message {
        Message {
            text: text.into(),
            blobs: vec![vec![1, 2]],
        }
    }

    #[tokio::test]
    async fn messages_arrive_in_order_and_before_the_end() {
        let (mut here, there) = channel(&Arc::default());
        assert_eq!(here.receive(), Ok(None));
        there.send(message("a")).expect("sends");
        there.send(message("b")).expect("sends");
        drop(there);
        here.ready().await;
        assert_eq!(here.receive(), Ok(Some(message("a"))));
        assert_eq!(here.receive(), Ok(Some(message("b"))));
        assert_eq!(here.receive(), Err(ChannelError::Closed(String::new())));
        assert!(matches!(
            here.send(message("c")),
            Err(ChannelError::Closed(_))
        ));
    }

    #[test]
    fn what_waits_is_bounded_over_all_conversations_of_a_chain() {
        let chain = Arc::default();
        let (here, there) = channel(&chain);
        let (other, _end) = channel(&chain);
        let large = || Message {
            text: String::new(),
            blobs: vec![vec![0; 30 << 20]],
        };
        here.send(large()).expect("fits");
        other.send(large()).expect("fits");
        assert!(matches!(here.send(large()), Err(ChannelError::Limit(_))));
        there.receive().expect("open");
        here.send(large()).expect("there is room again");
    }

    #[test]
    fn the_reason_of_an_end_is_told() {
        let (here, there) = channel(&Arc::default());
        let closer = there.closer();
        drop(there);
        closer.close("it failed");
        assert_eq!(
            here.receive(),
            Err(ChannelError::Closed("it failed".into()))
        );
    }
}
