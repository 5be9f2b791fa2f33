//! SQL databases by the `database` binding. The D1 classes are the prelude's.

use super::run_time_only;
use crate::bindings::ouro::host::database::{
    Connection, Error as SqlError, Pending, ResultSet, Statement, Value as SqlValue,
};
use crate::event_loop;
use crate::js::{
    Array, BigInt, Bytes, Class, Ctx, Deferred, Error, Exception, FromJs, Func, JsString, Object,
    Promise, Result, Text, This, Utf8, Value, bytes_value, native_class, string_array, throw_code,
};

/// Beyond it a Number is not exact (Number.MAX_SAFE_INTEGER).
const SAFE_INTEGER_MAX: i64 = (1 << 53) - 1;

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("openDatabase", Func::from(open_database))
}

/// `NativeDatabase` in `sdk/js/src/native.ts`.
pub struct NativeDatabase(pub Connection);

native_class!(NativeDatabase, "NativeDatabase", |prototype| {
    prototype.set("query", Func::from(query))?;
    prototype.set("exec", Func::from(exec))?;
});

type ThisDatabase<'js> = This<Class<'js, NativeDatabase>>;

fn open_database<'js>(ctx: Ctx<'js>, binding: Text) -> Result<Class<'js, NativeDatabase>> {
    run_time_only(&ctx, "opening a database")?;
    let connection = Connection::open(&binding.0).map_err(|error| throw(&ctx, error))?;
    Class::instance(ctx, NativeDatabase(connection))
}

pub fn throw(ctx: &Ctx<'_>, error: SqlError) -> Error {
    let (code, message) = match error {
        SqlError::NotGranted(message) => ("not-granted", message),
        SqlError::Sql(message) => ("sql", message),
        SqlError::Constraint(message) => ("constraint", message),
        SqlError::Limit(message) => ("limit", message),
        SqlError::Timeout(message) => ("timeout", message),
        SqlError::Unavailable(message) => ("unavailable", message),
    };
    throw_code(ctx, code, &message)
}

fn query<'js>(
    this: ThisDatabase<'js>,
    ctx: Ctx<'js>,
    statements: Vec<Object<'js>>,
) -> Result<Promise<'js>> {
    let statements = statements
        .into_iter()
        .map(|statement| Owned::of(&ctx, &statement))
        .collect::<Result<Vec<_>>>()?;
    let params: Vec<Vec<&SqlValue>> = statements
        .iter()
        .map(|statement| statement.params.iter().collect())
        .collect();
    let list: Vec<Statement> = statements
        .iter()
        .zip(&params)
        .map(|(statement, params)| Statement {
            sql: &statement.sql,
            params,
        })
        .collect();
    let pending = this.0.borrow().0.start(&list);
    let (promise, deferred) = Deferred::new(&ctx)?;
    event_loop::wait(pending.subscribe(), move |ctx| {
        deferred.settle(ctx, take(ctx, &pending))
    });
    Ok(promise)
}

fn take<'js>(ctx: &Ctx<'js>, pending: &Pending) -> Result<Array<'js>> {
    let sets = pending.take().map_err(|error| throw(ctx, error))?;
    let array = Array::new(ctx.clone())?;
    for (index, set) in sets.into_iter().enumerate() {
        array.set(index, result_set(ctx, set)?)?;
    }
    Ok(array)
}

fn exec<'js>(this: ThisDatabase<'js>, ctx: Ctx<'js>, sql: Text) -> Result<Object<'js>> {
    let summary = this
        .0
        .borrow()
        .0
        .exec(&sql.0)
        .map_err(|error| throw(&ctx, error))?;
    let answer = Object::new(ctx)?;
    answer.set("count", summary.count as f64)?;
    answer.set("durationMs", summary.duration_ms)?;
    Ok(answer)
}

/// A statement taken out of JavaScript.
struct Owned {
    sql: String,
    params: Vec<SqlValue>,
}

impl Owned {
    fn of<'js>(ctx: &Ctx<'js>, statement: &Object<'js>) -> Result<Self> {
        let sql: Text = statement.get("sql")?;
        let values: Vec<Value> = statement.get("params")?;
        let params = values
            .into_iter()
            .map(|value| parameter(ctx, value))
            .collect::<Result<_>>()?;
        Ok(Self { sql: sql.0, params })
    }
}

fn parameter<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Result<SqlValue> {
    if value.is_null() {
        return Ok(SqlValue::Null);
    }
    if let Some(boolean) = value.as_bool() {
        return Ok(SqlValue::Integer(boolean.into()));
    }
    if let Some(number) = value.as_number() {
        return Ok(number_parameter(number));
    }
    if let Some(text) = value.as_string() {
        return Ok(SqlValue::Text(Utf8::of(text)?.text().into_owned()));
    }
    if let Some(integer) = value.as_big_int() {
        return big_integer(ctx, integer.clone());
    }
    Ok(SqlValue::Blob(
        Bytes::from_js(ctx, value)?.as_slice().to_vec(),
    ))
}

fn number_parameter(number: f64) -> SqlValue {
    let integral = number.fract() == 0.0 && number.abs() <= SAFE_INTEGER_MAX as f64;
    if integral {
        SqlValue::Integer(number as i64)
    } else {
        SqlValue::Real(number)
    }
}

/// QuickJS wraps what does not fit into 64 bits; that would store another number.
fn big_integer<'js>(ctx: &Ctx<'js>, integer: BigInt<'js>) -> Result<SqlValue> {
    let narrow = integer.clone().to_i64()?;
    if BigInt::from_i64(ctx.clone(), narrow)? == integer {
        return Ok(SqlValue::Integer(narrow));
    }
    Err(Exception::throw_range(
        ctx,
        "a BigInt parameter does not fit into 64 bits",
    ))
}

fn result_set<'js>(ctx: &Ctx<'js>, set: ResultSet) -> Result<Object<'js>> {
    let rows = Array::new(ctx.clone())?;
    for (index, row) in set.rows.into_iter().enumerate() {
        let values = Array::new(ctx.clone())?;
        for (column, value) in row.into_iter().enumerate() {
            values.set(column, sql_value(ctx, value)?)?;
        }
        rows.set(index, values)?;
    }
    let meta = Object::new(ctx.clone())?;
    meta.set("durationMs", set.meta.duration_ms)?;
    meta.set("changes", set.meta.changes as f64)?;
    meta.set("lastRowId", set.meta.last_row_id as f64)?;
    meta.set("changedDb", set.meta.changed_db)?;
    meta.set("sizeAfter", set.meta.size_after as f64)?;
    meta.set("rowsRead", set.meta.rows_read as f64)?;
    meta.set("rowsWritten", set.meta.rows_written as f64)?;
    let answer = Object::new(ctx.clone())?;
    answer.set("columns", string_array(ctx, &set.columns)?)?;
    answer.set("rows", rows)?;
    answer.set("meta", meta)?;
    Ok(answer)
}

fn sql_value<'js>(ctx: &Ctx<'js>, value: SqlValue) -> Result<Value<'js>> {
    Ok(match value {
        SqlValue::Null => Value::new_null(ctx.clone()),
        SqlValue::Integer(integer) if integer.abs_diff(0) <= SAFE_INTEGER_MAX as u64 => {
            Value::new_number(ctx.clone(), integer as f64)
        }
        SqlValue::Integer(integer) => BigInt::from_i64(ctx.clone(), integer)?.into_value(),
        SqlValue::Real(real) => Value::new_number(ctx.clone(), real),
        SqlValue::Text(text) => JsString::from_str(ctx.clone(), &text)?.into_value(),
        SqlValue::Blob(bytes) => bytes_value(ctx, &bytes)?,
    })
}
