//! Ids: a prefix that names the kind and 32 random hex digits, such as `wrk_4bf9…`.
//! They are random, not ordered by time, so that the first 8 digits of a version's id can name it in a host name.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            pub fn random() -> Self {
                Self(format!("{}{}", $prefix, hex::encode(rand::random::<[u8; 16]>())))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )*};
}

ids! {
    WorkerId = "wrk_";
    VersionId = "ver_";
    DeploymentId = "dep_";
    EnvironmentId = "env_";
    /// A customer's database. `DatabaseId::PLATFORM` is the platform's own.
    DatabaseId = "db_";
    ExecutionId = "exe_";
    OrganizationId = "org_";
    CronId = "crn_";
    CronRunId = "crr_";
    /// One life of a host process.
    NodeId = "nod_";
}

impl OrganizationId {
    /// Of what there was before organizations, and of the operator.
    pub const DEFAULT: &'static str = "org_00000000000000000000000000000000";
}

impl DatabaseId {
    /// The id of the platform's metadata database. No worker but management is ever granted it.
    pub const PLATFORM: &'static str = "platform";
}
