//! Not a part of Ouro: it fails as it is told to.

use std::hint::black_box;

use super::{Entry, Target, none};

pub const ENTRY: Entry = Entry {
    name: "faulty",
    start: || Box::new(Faulty),
    examples: none,
    words: &[],
    memory: (1 << 20, 1),
};

struct Faulty;

impl Target for Faulty {
    fn run(&mut self, input: &[u8]) -> String {
        match input {
            b"property" => panic!("a property does not hold"),
            b"thread" => {
                let panicked = std::thread::spawn(|| panic!("in another thread")).join();
                assert!(panicked.is_err());
            }
            b"recursion" => drop(black_box(recursion(1))),
            b"memory" => drop(black_box(vec![1_u8; 2 << 20])),
            b"no memory" => drop(black_box(vec![1_u8; 2 << 30])),
            _ => {}
        }
        String::new()
    }
}

/// Deeper than any stack.
fn recursion(depth: u64) -> u64 {
    let kept = black_box([depth; 1024]);
    if depth == u64::MAX {
        return depth;
    }
    recursion(depth + 1) + kept[0]
}
