//! A loopback address per execution environment.

use std::io;
use std::net::Ipv4Addr;

use tokio::net::TcpListener;
use uuid::Uuid;

/// The Runtime API's port in every environment, as on Lambda.
pub const RUNTIME_API_PORT: u16 = 9001;

const ATTEMPTS: usize = 64;

/// Picks addresses of `127.0.0.0/8` outside `127.0.0.0/24`, which belongs to everybody else on the machine.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Addresses {}

// === impl Addresses ===

impl Addresses {
    /// Binds the Runtime API's port on an address nobody uses; the bound socket is the claim.
    pub(crate) async fn claim(&self) -> io::Result<(Ipv4Addr, TcpListener)> {
        let mut last = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in 0..ATTEMPTS {
            let address = pick(Uuid::new_v4().as_bytes());
            match TcpListener::bind((address, RUNTIME_API_PORT)).await {
                Ok(listener) => return Ok((address, listener)),
                Err(error) => last = error,
            }
        }
        let hint = "is port 9001 taken on all addresses?";
        Err(io::Error::new(
            last.kind(),
            format!("no address of 127.0.0.0/8 is free: {last}; {hint}"),
        ))
    }
}

/// Random bytes to an address `127.x.y.z` with x, y in 1..=255 and z in 1..=254.
fn pick(random: &[u8; 16]) -> Ipv4Addr {
    let [first, second, third, ..] = *random;
    Ipv4Addr::new(127, first.max(1), second.max(1), third.clamp(1, 254))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_in_the_common_range() {
        for byte in [0, 1, 127, 254, 255] {
            let [_, x, y, z] = pick(&[byte; 16]).octets();
            assert!(
                x > 0 && y > 0 && (1..255).contains(&z),
                "{byte} gives 127.{x}.{y}.{z}"
            );
        }
    }

    #[tokio::test]
    async fn two_claims_differ() {
        let addresses = Addresses::default();
        let (first, _held) = addresses.claim().await.unwrap();
        let (second, _also) = addresses.claim().await.unwrap();
        assert_ne!(first, second);
    }
}
