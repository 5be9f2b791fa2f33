//! How many invocations run at once, and of whom: those of workers leave some instances to the management API, and those that hold a
//! WebSocket, which may last for hours, leave half of the instances to requests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ouro_core::id::WorkerId;
use ouro_core::ports::builder::EngineKind;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::gates::Passed;

/// Instances beyond those of the configuration, for the management worker alone: it can be reached when workers have taken all others.
pub(crate) const MANAGEMENT_INSTANCES: u32 = 16;

pub(crate) struct Places {
    all: Arc<Semaphore>,
    management: Arc<Semaphore>,
    sockets: Arc<Sockets>,
    outbound: Arc<Sockets>,
}

/// What an instance takes: one of the node's, and its way through the gate of its worker where there is one.
pub(crate) struct Entered {
    pub _instance: OwnedSemaphorePermit,
    pub _passed: Option<Passed>,
}

struct Sockets {
    max: u32,
    per_worker_max: u32,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: u32,
    by_worker: HashMap<WorkerId, u32>,
}

impl Places {
    pub fn new(instances_max: u32) -> Self {
        let places = |count: u32| Arc::new(Semaphore::new(count as usize));
        Self {
            all: places(instances_max),
            management: places(MANAGEMENT_INSTANCES),
            sockets: Sockets::new(instances_max / 2),
            // An invocation may have many, and most have none.
            outbound: Sockets::new(instances_max),
        }
    }

    /// A place for one instance; none where all are taken.
    pub fn instance(&self, kind: EngineKind) -> Option<OwnedSemaphorePermit> {
        let any = || self.all.clone().try_acquire_owned();
        let place = match kind {
            EngineKind::Worker => any(),
            EngineKind::Management => {
                let own = self.management.clone().try_acquire_owned();
                own.or_else(|_| any())
            }
        };
        place.ok()
    }

    /// Places that are left to workers.
    pub fn free(&self) -> u32 {
        u32::try_from(self.all.available_permits()).unwrap_or(u32::MAX)
    }

    /// A place for an invocation that may hold a WebSocket.
    ///
    /// # Errors
    /// So many have one: on this node, or of this worker.
    pub fn socket(&self, worker: &WorkerId) -> Result<SocketPlace, u32> {
        self.sockets.take(worker)
    }

    /// A place for a WebSocket to another server.
    ///
    /// # Errors
    /// As for [`Places::socket`].
    pub fn outbound_socket(&self, worker: &WorkerId) -> Result<SocketPlace, u32> {
        self.outbound.take(worker)
    }
}

impl Sockets {
    /// One worker has half of them at most.
    fn new(max: u32) -> Arc<Self> {
        Arc::new(Self {
            max: max.max(1),
            per_worker_max: (max / 2).max(1),
            taken: Mutex::default(),
        })
    }

    fn take(self: &Arc<Self>, worker: &WorkerId) -> Result<SocketPlace, u32> {
        let mut taken = self.taken();
        let own = taken.by_worker.get(worker).copied().unwrap_or_default();
        if own >= self.per_worker_max {
            return Err(self.per_worker_max);
        }
        if taken.all >= self.max {
            return Err(self.max);
        }
        taken.all += 1;
        taken.by_worker.insert(worker.clone(), own + 1);
        Ok(SocketPlace {
            sockets: self.clone(),
            worker: worker.clone(),
        })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Taken until it is dropped.
pub struct SocketPlace {
    sockets: Arc<Sockets>,
    worker: WorkerId,
}

impl Drop for SocketPlace {
    fn drop(&mut self) {
        let mut taken = self.sockets.taken();
        taken.all -= 1;
        if let Some(own) = taken.by_worker.get_mut(&self.worker) {
            *own -= 1;
            if *own == 0 {
                taken.by_worker.remove(&self.worker);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_management_worker_finds_an_instance_when_workers_have_all() {
        let places = Places::new(2);
        let taken: Vec<_> = (0..2)
            .map(|_| places.instance(EngineKind::Worker))
            .collect();
        assert!(taken.iter().all(Option::is_some));
        assert!(places.instance(EngineKind::Worker).is_none());
        let reserved = places.instance(EngineKind::Management);
        assert!(reserved.is_some());
        assert!(places.instance(EngineKind::Worker).is_none());
        drop(taken);
        assert!(places.instance(EngineKind::Worker).is_some());
    }

    #[test]
    fn sockets_leave_half_of_the_instances_and_one_worker_has_half_of_theirs() {
        let places = Places::new(8);
        let (a, b, c) = (WorkerId::random(), WorkerId::random(), WorkerId::random());
        let of_a = [places.socket(&a), places.socket(&a)];
        assert!(of_a.iter().all(Result::is_ok));
        assert_eq!(places.socket(&a).err(), Some(2));
        let of_b = [places.socket(&b), places.socket(&b)];
        assert!(of_b.iter().all(Result::is_ok));
        assert_eq!(places.socket(&c).err(), Some(4));
        drop(of_a);
        assert!(places.socket(&c).is_ok());
        assert!(places.socket(&a).is_ok());
    }
}
