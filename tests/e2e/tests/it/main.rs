//! End-to-end scenarios: real servers, real workers, deployed through the real management API.

mod assets;
mod bad_input;
mod cache;
mod command_line;
mod compatibility;
mod components;
mod crypto;
mod database;
mod egress;
mod engine;
mod environment;
mod executions;
mod failures;
mod handlers;
mod html_rewriter;
mod life_cycle;
mod management;
mod metrics;
mod node;
mod requests;
mod s3;
mod services;
mod streaming;
mod warm_up;
mod web;
mod websockets;
