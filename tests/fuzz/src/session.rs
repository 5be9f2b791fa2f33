//! Running a target: its corpus once, or mutations of it for a time.

use std::any::Any;
use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::corpus;
use crate::memory;
use crate::mutate::mutated;
use crate::targets::{Entry, Target};

/// One input that takes longer counts as one without end.
const INPUT_SECONDS_MAX: u32 = 30;
/// Inputs whose outcome was new.
const POOL_MAX: usize = 4096;

pub struct Plan<'a> {
    pub corpus: &'a Path,
    pub seed: u64,
    pub time: Duration,
    /// Where the input lies that runs.
    pub current: Current,
}

pub struct Stats {
    pub inputs: u64,
    pub time: Duration,
    pub outcomes: usize,
}

/// An input for which a property does not hold.
pub struct Failed {
    pub input: Vec<u8>,
    pub reason: String,
}

/// The input that runs, in a file that outlives the process.
pub struct Current(File);

impl Current {
    /// # Errors
    /// The file cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(true);
        options.open(path).map(Self)
    }

    fn write(&self, input: &[u8]) -> io::Result<()> {
        self.0
            .write_all_at(&(input.len() as u64).to_le_bytes(), 0)?;
        self.0.write_all_at(input, 8)
    }

    fn clear(&self) -> io::Result<()> {
        self.0.set_len(0)
    }

    /// `None` where nothing runs.
    fn read(file: &File) -> io::Result<Option<Vec<u8>>> {
        let mut length = [0; 8];
        if file.metadata()?.len() < 8 {
            return Ok(None);
        }
        file.read_exact_at(&mut length, 0)?;
        let mut input = vec![0; usize::try_from(u64::from_le_bytes(length)).unwrap_or_default()];
        file.read_exact_at(&mut input, 8)?;
        Ok(Some(input))
    }

    /// What ran when a process ended.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn left_by(path: &Path) -> io::Result<Option<Vec<u8>>> {
        Self::read(&File::open(path)?)
    }
}

/// Runs mutations of the corpus.
///
/// # Errors
/// The first input that fails. Faults of files are failures without an input.
pub fn fuzz(entry: &Entry, plan: &Plan<'_>) -> Result<Stats, Failed> {
    let examples = corpus::read(plan.corpus, entry.name).map_err(fault)?;
    let examples = examples.into_iter().map(|(_, bytes)| bytes);
    let mut pool: Vec<Vec<u8>> = (entry.examples)().into_iter().chain(examples).collect();
    let mut run = Run::begin(entry)?;
    let watch = Watch::begin();
    for input in &pool {
        plan.current.write(input).map_err(fault)?;
        watch.next();
        run.input(input)?;
    }
    let mut rng = StdRng::seed_from_u64(plan.seed);
    let begun = Instant::now();
    let mut inputs = 0;
    while begun.elapsed() < plan.time {
        let input = mutated(&mut rng, &pool, entry.words);
        plan.current.write(&input).map_err(fault)?;
        watch.next();
        let is_new = run.input(&input)?;
        inputs += 1;
        if is_new && pool.len() < POOL_MAX {
            pool.push(input);
        }
    }
    plan.current.clear().map_err(fault)?;
    Ok(Stats {
        inputs,
        time: begun.elapsed(),
        outcomes: run.outcomes.len(),
    })
}

/// Runs the files, else the whole corpus and the examples that the target makes.
///
/// # Errors
/// The first input that fails, with its file's name.
pub fn replay(entry: &Entry, corpus: &Path, files: &[PathBuf]) -> Result<usize, Failed> {
    let mut run = Run::begin(entry)?;
    let inputs = if files.is_empty() {
        corpus::read(corpus, entry.name).map_err(fault)?
    } else {
        let read = |path: &PathBuf| std::fs::read(path).map(|bytes| (path.clone(), bytes));
        let inputs = files.iter().map(read).collect::<io::Result<_>>();
        inputs.map_err(fault)?
    };
    for (path, input) in &inputs {
        run.input(input).map_err(|failed| Failed {
            reason: format!("{}: {}", path.display(), failed.reason),
            ..failed
        })?;
    }
    let examples = if files.is_empty() {
        (entry.examples)()
    } else {
        Vec::new()
    };
    for input in &examples {
        run.input(input)?;
    }
    Ok(inputs.len() + examples.len())
}

struct Run<'a> {
    entry: &'a Entry,
    target: Box<dyn Target>,
    outcomes: HashSet<String>,
}

impl<'a> Run<'a> {
    fn begin(entry: &'a Entry) -> Result<Self, Failed> {
        PANICS.listen();
        Ok(Self {
            entry,
            target: (entry.start)(),
            outcomes: HashSet::new(),
        })
    }

    /// Whether the outcome is new.
    fn input(&mut self, input: &[u8]) -> Result<bool, Failed> {
        let (entry, target) = (self.entry, &mut self.target);
        let checked = || {
            let (outcome, peak) = memory::peak_of(|| target.run(input));
            memory::assert_bounded(peak, entry.memory.0, entry.memory.1, input.len());
            outcome
        };
        let done = panic::catch_unwind(AssertUnwindSafe(checked));
        match (done, PANICS.take()) {
            // Another thread's, such as one of a server, counts as well.
            (_, Some(reason)) => Err(failed(input, reason)),
            (Err(payload), None) => Err(failed(input, text(payload.as_ref()).to_owned())),
            (Ok(outcome), None) => Ok(self.outcomes.insert(shape(&outcome))),
        }
    }
}

fn failed(input: &[u8], reason: String) -> Failed {
    Failed {
        input: input.to_vec(),
        reason,
    }
}

fn fault(error: io::Error) -> Failed {
    failed(&[], error.to_string())
}

/// An outcome without its values: what stands in quotes, and whatever could be a digit.
fn shape(outcome: &str) -> String {
    const SHAPE_CHARS_MAX: usize = 160;
    let mut quote = None;
    let kept = outcome.chars().filter(|&c| match quote {
        Some(open) => {
            if c == open {
                quote = None;
            }
            false
        }
        None => {
            if matches!(c, '`' | '"') {
                quote = Some(c);
            }
            !c.is_ascii_hexdigit()
        }
    });
    kept.take(SHAPE_CHARS_MAX).collect()
}

static PANICS: Panics = Panics(Mutex::new(None));

/// The first panic of any thread since it was last asked.
struct Panics(Mutex<Option<String>>);

impl Panics {
    fn listen(&'static self) {
        panic::set_hook(Box::new(move |info| {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            let reason = format!("{}\n  at {place}", text(info.payload()));
            self.lock().get_or_insert(reason);
        }));
    }

    fn take(&self) -> Option<String> {
        self.lock().take()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a text")
}

/// Ends the process where one input takes too long; whoever waits for it finds the input in its file.
struct Watch(Arc<AtomicU64>);

impl Watch {
    fn begin() -> Self {
        let count = Arc::new(AtomicU64::new(0));
        let seen = count.clone();
        std::thread::spawn(move || {
            let (mut last, mut seconds) = (0, 0);
            while seconds < INPUT_SECONDS_MAX {
                // Its own seconds, which pass as slowly as those of the input where the machine has much to do.
                std::thread::sleep(Duration::from_secs(1));
                let now = seen.load(Ordering::Relaxed);
                seconds = if now == last { seconds + 1 } else { 0 };
                last = now;
            }
            eprintln!("one input takes more than {INPUT_SECONDS_MAX} s");
            std::process::abort();
        });
        Self(count)
    }

    fn next(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
