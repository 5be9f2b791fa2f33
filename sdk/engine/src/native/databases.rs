//! Privileged: the databases of all workers, by id.

use super::database::{NativeDatabase, throw};
use super::run_time_only;
use crate::bindings::ouro::host::databases;
use crate::js::{Class, Ctx, Func, Object, Result, Text};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("databasesCreate", Func::from(create))?;
    native.set("databasesDelete", Func::from(delete))?;
    native.set("databasesOpen", Func::from(open))
}

fn create(ctx: Ctx<'_>, id: Text) -> Result<()> {
    run_time_only(&ctx, "creating a database")?;
    databases::create(&id.0).map_err(|error| throw(&ctx, error))
}

fn delete(ctx: Ctx<'_>, id: Text) -> Result<()> {
    run_time_only(&ctx, "deleting a database")?;
    databases::delete(&id.0).map_err(|error| throw(&ctx, error))
}

fn open<'js>(ctx: Ctx<'js>, id: Text) -> Result<Class<'js, NativeDatabase>> {
    run_time_only(&ctx, "opening a database")?;
    let connection = databases::open(&id.0).map_err(|error| throw(&ctx, error))?;
    Class::instance(ctx, NativeDatabase(connection))
}
