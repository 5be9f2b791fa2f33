//! The host functions of each binding, written once over the ports of `ouro-core`, and the grants of a version.
//!
//! It leaves out the backends (adapters) and where values come from (the gateway and the server). An import is a door, not a
//! key: every function checks what the version was granted.
//!
//! Life cycle: one [`HostBindings`] per process, given to the runtime as its `Bindings`. Routing and assets are implemented by
//! the gateway, which needs the runtime first: they are set once after it is made.
//!
//! ```ignore
//! let bindings = Arc::new(HostBindings::new(Ports { databases, artifacts, builder, secrets }, OutboundConfig::default())?);
//! let runtime = Runtime::new(config, Parts { bindings: bindings.clone(), .. })?;
//! bindings.set_assets(Arc::new(asset_server));     // Arc<dyn AssetServer>
//! bindings.set_routing(Arc::new(gateway_control)); // Arc<dyn RoutingControl>
//! let worker = runtime.load(version.clone(), ouro_bindings::env_of(&version.config, &*secrets)?);
//! ```
