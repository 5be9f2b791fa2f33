//! Stacks that guests run on, used by one invocation after the other. No guest can read what is on one.

use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasmtime::{StackCreator, StackMemory};

use super::mapping::{Mapping, PAGE_BYTES};

/// What is kept of a stack: a plain request uses 20 KiB. What deeper recursion has touched is given back.
const KEPT_BYTES: usize = 32 << 10;
/// Below the stack, without access.
const GUARD_BYTES: usize = PAGE_BYTES;

#[derive(Clone)]
pub(crate) struct Stacks(Arc<Inner>);

struct Inner {
    kept_max: usize,
    free: Mutex<Vec<Mapping>>,
    size: usize,
}

impl Stacks {
    /// Stacks of so many bytes, of which so many are kept while nobody uses them.
    pub fn new(size: usize, kept_max: usize) -> Self {
        Self(Arc::new(Inner {
            kept_max,
            free: Mutex::default(),
            size,
        }))
    }
}

impl Inner {
    fn free(&self) -> MutexGuard<'_, Vec<Mapping>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self) -> io::Result<Mapping> {
        let mut mapping = Mapping::reserve(GUARD_BYTES + self.size)?;
        mapping.open_zeroed(GUARD_BYTES, self.size)?;
        Ok(mapping)
    }

    fn give(&self, mut mapping: Mapping) {
        if mapping
            .discard(GUARD_BYTES, self.size - KEPT_BYTES)
            .is_err()
        {
            return;
        }
        let mut free = self.free();
        if free.len() < self.kept_max {
            free.push(mapping);
        }
    }
}

// SAFETY: a stack has the size that was asked for and a guard below, and belongs to one guest until it is dropped.
#[allow(unsafe_code)]
unsafe impl StackCreator for Stacks {
    fn new_stack(&self, size: usize, zeroed: bool) -> wasmtime::Result<Box<dyn StackMemory>> {
        if size != self.0.size || zeroed {
            return Err(wasmtime::Error::msg(
                "stacks of this kind are not made here",
            ));
        }
        let free = self.0.free().pop();
        Ok(Box::new(Stack {
            mapping: Some(free.map_or_else(|| self.0.make(), Ok)?),
            stacks: self.0.clone(),
        }))
    }
}

struct Stack {
    /// `None` once it is dropped.
    mapping: Option<Mapping>,
    stacks: Arc<Inner>,
}

impl Stack {
    fn at(&self, offset: usize) -> *mut u8 {
        self.mapping.as_ref().expect("it is not dropped").at(offset)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if let Some(mapping) = self.mapping.take() {
            self.stacks.give(mapping);
        }
    }
}

// SAFETY: the ranges are those of the mapping, which stays where it is.
#[allow(unsafe_code)]
unsafe impl StackMemory for Stack {
    fn top(&self) -> *mut u8 {
        self.at(GUARD_BYTES + self.stacks.size)
    }

    fn range(&self) -> Range<usize> {
        self.at(GUARD_BYTES) as usize..self.top() as usize
    }

    fn guard_range(&self) -> Range<*mut u8> {
        self.at(0)..self.at(GUARD_BYTES)
    }
}
