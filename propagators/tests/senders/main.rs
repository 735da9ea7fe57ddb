//! The interceptor in real clients of the AWS SDK: against servers that others wrote, and against the limits that AWS documents.

#[cfg(test)]
mod clients;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod front;
#[cfg(test)]
mod handed_on;
#[cfg(test)]
mod invoke;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod read_back;
#[cfg(test)]
mod server;
#[cfg(test)]
mod spans;
