//! What customers' SQL may do, decided while SQLite compiles it.
//!
//! The state is the thread's: customers' statements are compiled and run on one thread from beginning to end, and
//! the threads of sqlx, which run the host's own statements, are never armed.

use std::cell::{Cell, RefCell};

use libsqlite3_sys as sqlite;

thread_local! {
    static ARMED: Cell<bool> = const { Cell::new(false) };
    static SCHEMA_CHANGE: Cell<bool> = const { Cell::new(false) };
    static REFUSAL: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Modules that `CREATE VIRTUAL TABLE` may use.
const VIRTUAL_TABLES: [&str; 3] = ["fts5", "fts5vocab", "rtree"];

/// Pragmas that tell about the schema or check it. Full-text search itself needs `data_version`.
const PRAGMAS: [&str; 14] = [
    "data_version",
    "defer_foreign_keys",
    "foreign_key_check",
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "optimize",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
    "user_version",
];

/// Pragmas that can be read, but are the host's to set.
const PRAGMAS_TO_READ: [&str; 5] = [
    "encoding",
    "foreign_keys",
    "max_page_count",
    "page_count",
    "page_size",
];

/// While it lives, statements on this thread are held to the rules.
pub struct Armed(());

impl Armed {
    pub fn new() -> Self {
        ARMED.set(true);
        SCHEMA_CHANGE.set(false);
        REFUSAL.take();
        Self(())
    }

    /// Has a statement been compiled that changes the schema?
    pub fn schema_change(&self) -> bool {
        SCHEMA_CHANGE.get()
    }

    /// Why the last statement was refused.
    pub fn refusal(&self) -> Option<String> {
        REFUSAL.with_borrow(Clone::clone)
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        ARMED.set(false);
    }
}

/// Called for each thing that a statement would do. False refuses the statement.
pub fn authorize(action: i32, first: Option<&str>, second: Option<&str>) -> bool {
    if !ARMED.get() {
        return true;
    }
    if changes_schema(action) {
        SCHEMA_CHANGE.set(true);
    }
    match refuse(action, first.unwrap_or_default(), second) {
        None => true,
        Some(reason) => {
            REFUSAL.set(Some(reason));
            false
        }
    }
}

fn changes_schema(action: i32) -> bool {
    matches!(
        action,
        sqlite::SQLITE_CREATE_INDEX
            | sqlite::SQLITE_CREATE_TABLE
            | sqlite::SQLITE_CREATE_TRIGGER
            | sqlite::SQLITE_CREATE_VIEW
            | sqlite::SQLITE_CREATE_VTABLE
            | sqlite::SQLITE_DROP_INDEX
            | sqlite::SQLITE_DROP_TABLE
            | sqlite::SQLITE_DROP_TRIGGER
            | sqlite::SQLITE_DROP_VIEW
            | sqlite::SQLITE_DROP_VTABLE
            | sqlite::SQLITE_ALTER_TABLE
    )
}

fn refuse(action: i32, first: &str, second: Option<&str>) -> Option<String> {
    match action {
        sqlite::SQLITE_ATTACH => Some("`ATTACH` and `VACUUM` are not allowed".to_owned()),
        sqlite::SQLITE_DETACH => Some("`DETACH` is not allowed".to_owned()),
        sqlite::SQLITE_TRANSACTION => Some(transaction(first)),
        sqlite::SQLITE_SAVEPOINT => Some(transaction(if first == "BEGIN" {
            "SAVEPOINT"
        } else {
            first
        })),
        sqlite::SQLITE_CREATE_TEMP_INDEX
        | sqlite::SQLITE_CREATE_TEMP_TABLE
        | sqlite::SQLITE_CREATE_TEMP_TRIGGER
        | sqlite::SQLITE_CREATE_TEMP_VIEW => {
            Some("temporary tables, views, indexes and triggers are not allowed".to_owned())
        }
        sqlite::SQLITE_CREATE_VTABLE => {
            let module = second.unwrap_or_default();
            (!among(&VIRTUAL_TABLES, module))
                .then(|| format!("virtual tables of module `{module}` are not allowed"))
        }
        sqlite::SQLITE_PRAGMA => refuse_pragma(first, second.is_some()),
        // The function's name is the second argument.
        sqlite::SQLITE_FUNCTION => {
            let name = second.unwrap_or_default();
            among(&["load_extension"], name).then(|| format!("function `{name}` is not allowed"))
        }
        _ => None,
    }
}

fn transaction(word: &str) -> String {
    format!(
        "`{word}` is not allowed: each statement is a transaction, and a batch is one for all of its statements"
    )
}

fn refuse_pragma(name: &str, sets: bool) -> Option<String> {
    if among(&PRAGMAS, name) || (!sets && among(&PRAGMAS_TO_READ, name)) {
        return None;
    }
    Some(if among(&["foreign_keys"], name) {
        "`PRAGMA foreign_keys` cannot be set: `PRAGMA defer_foreign_keys = on` puts the check off to the end of a batch".to_owned()
    } else {
        format!("`PRAGMA {name}` is not allowed")
    })
}

fn among(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}
