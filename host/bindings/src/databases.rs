//! Privileged: the databases of all workers, by id.

use ouro_core::id::DatabaseId;
use ouro_runtime::HostState;
use wasmtime::component::Resource;

use crate::database::Connection;
use crate::generated::ouro::host::database::Error;
use crate::generated::ouro::host::databases::Host;
use crate::grants;

impl Host for HostState {
    async fn create(&mut self, id: String) -> wasmtime::Result<Result<(), Error>> {
        let databases = grants::shared(self)?.ports.databases.clone();
        Ok(databases.create(&DatabaseId(id)).await.map_err(Error::from))
    }

    async fn delete(&mut self, id: String) -> wasmtime::Result<Result<(), Error>> {
        let databases = grants::shared(self)?.ports.databases.clone();
        if id == DatabaseId::PLATFORM {
            return Ok(Err(Error::Limit(format!(
                "database `{id}` is the platform's own and cannot be deleted"
            ))));
        }
        Ok(databases.delete(&DatabaseId(id)).await.map_err(Error::from))
    }

    async fn open(&mut self, id: String) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let databases = grants::shared(self)?.ports.databases.clone();
        Ok(match databases.open(&DatabaseId(id)).await {
            Ok(database) => Ok(self.table.push(Connection(database))?),
            Err(error) => Err(error.into()),
        })
    }
}
