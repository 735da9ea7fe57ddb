//! Ids and flags: fixed size, valid by construction.

use std::fmt;

/// The 16 bytes that name a trace; never all zero.
///
/// ```
/// use baton_propagators::context::TraceId;
///
/// assert_eq!(TraceId::new([0; 16]), None);
/// assert_eq!(TraceId::new([0xab; 16]).map(|id| id.to_string()).as_deref(), Some("abababababababababababababababab"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId([u8; 16]);

/// The 8 bytes that name a span; never all zero.
///
/// ```
/// use baton_propagators::context::SpanId;
///
/// assert_eq!(SpanId::new([0; 8]), None);
/// assert_eq!(SpanId::new([0xab; 8]).map(|id| id.to_string()).as_deref(), Some("abababababababab"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpanId([u8; 8]);

/// The two bits of `traceparent` that Level 2 defines; all others read as unset and are written as 0.
///
/// ```
/// use baton_propagators::context::TraceFlags;
///
/// let flags = TraceFlags::from_bits(0xff);
/// assert!(flags.is_sampled() && flags.is_random());
/// assert_eq!(flags.bits(), 0b11);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TraceFlags(u8);

// ===== impl TraceId =====

impl TraceId {
    /// `None` for all zeros, which the specification forbids.
    #[must_use]
    pub fn new(bytes: [u8; 16]) -> Option<Self> {
        (u128::from_ne_bytes(bytes) != 0).then_some(Self(bytes))
    }

    /// The id as it goes over the wire.
    ///
    /// ```
    /// use baton_propagators::context::TraceId;
    ///
    /// assert_eq!(TraceId::new([7; 16]).map(TraceId::to_bytes), Some([7; 16]));
    /// ```
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceId({self})")
    }
}

// ===== impl SpanId =====

impl SpanId {
    /// `None` for all zeros, which the specification forbids.
    #[must_use]
    pub fn new(bytes: [u8; 8]) -> Option<Self> {
        (u64::from_ne_bytes(bytes) != 0).then_some(Self(bytes))
    }

    /// The id as it goes over the wire.
    ///
    /// ```
    /// use baton_propagators::context::SpanId;
    ///
    /// assert_eq!(SpanId::new([7; 8]).map(SpanId::to_bytes), Some([7; 8]));
    /// ```
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpanId({self})")
    }
}

// ===== impl TraceFlags =====

impl TraceFlags {
    /// The caller recorded its span.
    pub const SAMPLED: Self = Self(0b01);
    /// At least the right-most seven bytes of the trace id are random. Copied along, never invented.
    pub const RANDOM: Self = Self(0b10);

    /// Keeps the bits that are defined.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & (Self::SAMPLED.0 | Self::RANDOM.0))
    }

    /// The byte that is written.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether the caller recorded its span.
    #[must_use]
    pub const fn is_sampled(self) -> bool {
        self.0 & Self::SAMPLED.0 != 0
    }

    /// Whether the trace id is random enough to sample by.
    #[must_use]
    pub const fn is_random(self) -> bool {
        self.0 & Self::RANDOM.0 != 0
    }
}
