//! End-to-end scenarios: real servers, real workers, deployed through the real management API.

mod assets;
mod bad_input;
mod command_line;
mod components;
mod database;
mod environment;
mod executions;
mod failures;
mod html_rewriter;
mod life_cycle;
mod management;
mod node;
mod requests;
mod s3;
mod streaming;
mod web;
mod websockets;
