//! A counter in the database `DB`, through the interface `ouro:host/database`.

use crate::ouro::host::database::{Connection, Error, Statement, Value};

/// Counts this visit and answers with the number of all.
pub fn count() -> Result<i64, Error> {
    let database = Connection::open("DB")?;
    // One transaction: all of it happens or nothing.
    let results = database.query(&[
        statement("CREATE TABLE IF NOT EXISTS visits (id INTEGER PRIMARY KEY, count INTEGER NOT NULL)", vec![]),
        statement(
            "INSERT INTO visits (id, count) VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET count = count + 1 RETURNING count",
            vec![Value::Integer(1)],
        ),
    ])?;
    match results
        .last()
        .and_then(|result| result.rows.first())
        .and_then(|row| row.first())
    {
        Some(Value::Integer(count)) => Ok(*count),
        _ => Err(Error::Sql("the count did not come back".to_owned())),
    }
}

fn statement(sql: &str, params: Vec<Value>) -> Statement {
    Statement {
        sql: sql.to_owned(),
        params,
    }
}
