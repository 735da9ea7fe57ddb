//! The layer's binary between a Lambda and a receiver that these tests play.
#![cfg(test)]

mod delivery;
mod faults;
mod full;
mod input;
mod lambda;
mod layer;
mod life;
mod proxy;
mod receiver;
mod runtime_api;
mod spans;
mod start;
mod wire;
mod wrapper;
