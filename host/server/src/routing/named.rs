//! Versions by the names that hosts have for them.

use std::sync::Arc;

use async_trait::async_trait;
use ouro_core::ports::metadata::{MetadataError, NamedVersion};
use ouro_gateway::{FindVersion, NotFound, Route};

use super::{Known, Router};

#[async_trait]
impl FindVersion for Router {
    async fn find(
        &self,
        worker: &str,
        name: &str,
        known: Option<Arc<Route>>,
    ) -> Result<Arc<Route>, NotFound> {
        let found = self.metadata.named_version(worker, name).await;
        let version = match found {
            Ok(NamedVersion::Version(version)) => *version,
            Ok(NamedVersion::Ambiguous) => return Err(NotFound::Ambiguous),
            Ok(NamedVersion::Unknown) => return Err(NotFound::Unknown),
            Err(error @ MetadataError::InvalidConfig { .. }) => {
                tracing::error!(worker, name, %error, "a named version cannot be served");
                return Err(NotFound::NotRunnable);
            }
            Err(error) => {
                tracing::error!(worker, name, %error, "a named version could not be looked up");
                return Err(NotFound::Unavailable);
            }
        };
        // One that is live too has one loaded state.
        let mut routes = Known::of(self.routes.by_id(&version.worker));
        if let Some(route) = known
            && routes.same(&version).is_none()
        {
            routes.add(route);
        }
        self.route_or_log(version, &routes)
            .ok_or(NotFound::NotRunnable)
    }
}
