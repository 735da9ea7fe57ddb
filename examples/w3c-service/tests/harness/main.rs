//! The real binary, called as the W3C harness calls it, with a receiver on loopback that writes down what arrives.

#[cfg(test)]
mod calls;
