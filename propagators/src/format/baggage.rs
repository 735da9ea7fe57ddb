//! `baggage`: what an application hands along, in order, as it came.
//!
//! Ours, because `opentelemetry_sdk` 0.33's `BaggagePropagator` reads only the first of several headers, forgets the order,
//! and writes `%` and `\` as they are (W3C's `test_parse_percent_encoded` does not come back from it).

use std::{borrow::Cow, iter};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{Member, Outgoing, member::trim};
use crate::carrier::{Carrier, CarrierMut};

/// The header, attribute or field.
pub(super) const BAGGAGE: &str = "baggage";
/// What has to be handed on, and no more is: <https://www.w3.org/TR/baggage/#limits>
const MAX_MEMBERS: usize = 64;
const MAX_BYTES: usize = 8192;
/// Nobody looks further into a header of nothing but commas.
const MAX_LOOKED_AT: usize = 1024;
/// What a value may not hold as it is, beside what is no ASCII.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b',')
    .add(b';')
    .add(b'\\')
    .add(b'%');

/// `key=value` pairs with properties, valid by construction and kept verbatim.
///
/// At most 64 members and 8192 bytes; a member that is broken or does not fit is left out as a whole, and counted.
///
/// ```
/// use baton_propagators::format::Baggage;
///
/// let (mut baggage, left_out) = Baggage::parse("userId=Am%C3%A9lie, plan = gold ;trial;days=30, broken");
/// assert_eq!(left_out, 1);
/// assert_eq!(baggage.get("userId").as_deref(), Some("Amélie"));
/// let Some(plan) = baggage.members().find(|member| member.key() == "plan") else { unreachable!() };
/// assert_eq!(plan.properties().collect::<Vec<_>>(), [("trial", None), ("days", Some("30".into()))]);
///
/// assert!(baggage.insert("note", "50 %"));
/// assert_eq!(baggage.as_str(), "userId=Am%C3%A9lie,plan = gold ;trial;days=30,note=50%20%25");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baggage<'a>(Cow<'a, str>);

// ===== impl Baggage =====

impl<'a> Baggage<'a> {
    /// No members.
    pub const EMPTY: Baggage<'static> = Baggage(Cow::Borrowed(""));

    /// Reads one header, and counts the members that were left out.
    ///
    /// ```
    /// use baton_propagators::format::Baggage;
    ///
    /// assert_eq!(Baggage::parse("a=1,,b = 2,no pair").1, 1);
    /// ```
    #[must_use]
    pub fn parse(list: &'a str) -> (Self, u32) {
        Self::join(iter::once(list))
    }

    /// Reads several headers as one list. One that is valid as a whole stays borrowed.
    pub(super) fn join(lists: impl IntoIterator<Item = &'a str>) -> (Self, u32) {
        let mut lists = lists.into_iter().map(trim).filter(|list| !list.is_empty());
        let Some(first) = lists.next() else {
            return (Baggage::EMPTY, 0);
        };
        let second = lists.next();
        if second.is_none() && is_whole(first) {
            return (Self(Cow::Borrowed(first)), 0);
        }
        let (mut kept, mut left_out) = (Baggage::EMPTY, 0);
        let all = iter::once(first).chain(second).chain(lists);
        let mut members = all.flat_map(|list| list.split(','));
        let mut count = 0;
        for member in members.by_ref().take(MAX_LOOKED_AT).map(trim) {
            if count < MAX_MEMBERS && kept.push(member) {
                count += 1;
            } else {
                left_out += u32::from(!member.is_empty());
            }
        }
        left_out += u32::from(members.next().is_some());
        (kept, left_out)
    }

    /// The members in their order; a key may come twice.
    pub fn members(&self) -> impl Iterator<Item = Member<'_>> {
        split(&self.0).filter_map(Member::parse)
    }

    /// The value of the last member with this key, decoded.
    ///
    /// ```
    /// use baton_propagators::format::Baggage;
    ///
    /// assert_eq!(Baggage::parse("a=1,a=%32").0.get("a").as_deref(), Some("2"));
    /// ```
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Cow<'_, str>> {
        let members = self.members().filter(|member| member.key() == key);
        members.last().map(|member| member.value())
    }

    /// Puts a member at the end, encoded, in place of those with the same key. `false` when the key is no token or the
    /// member does not fit; then nothing changes.
    ///
    /// ```
    /// use baton_propagators::format::Baggage;
    ///
    /// let mut baggage = Baggage::EMPTY;
    /// assert!(baggage.insert("a", "x y") && !baggage.insert("no token", "1"));
    /// assert_eq!(baggage.as_str(), "a=x%20y");
    /// ```
    pub fn insert(&mut self, key: &str, value: &str) -> bool {
        self.insert_with_properties(key, value, "")
    }

    /// The same, with properties as they are written: `trial;days=30`.
    ///
    /// ```
    /// use baton_propagators::format::Baggage;
    ///
    /// let mut baggage = Baggage::EMPTY;
    /// assert!(baggage.insert_with_properties("a", "1", "trial"));
    /// assert_eq!(baggage.as_str(), "a=1;trial");
    /// ```
    pub fn insert_with_properties(&mut self, key: &str, value: &str, properties: &str) -> bool {
        // Longer than any header: not worth encoding.
        if key.len() + value.len() + properties.len() > MAX_BYTES {
            return false;
        }
        let mut member = format!("{key}={}", utf8_percent_encode(value, ENCODED));
        if !trim(properties).is_empty() {
            member.push(';');
            member.push_str(trim(properties));
        }
        let mut changed = Baggage::EMPTY;
        for other in split(&self.0) {
            if Member::parse(other).is_some_and(|other| other.key() != key) {
                changed.push(other);
            }
        }
        let fits = changed.push(&member);
        if fits {
            *self = changed;
        }
        fits
    }

    /// Puts a member at the end unless its key is there. `false` when it does not fit.
    pub(super) fn insert_new(&mut self, key: &str, value: &str) -> bool {
        if key.len() + value.len() > MAX_BYTES {
            return false;
        }
        let is_there = self.members().any(|member| member.key() == key);
        is_there || self.push(&format!("{key}={}", utf8_percent_encode(value, ENCODED)))
    }

    /// Adds the members whose keys are not there, and counts those that do not fit.
    pub(super) fn add(&mut self, other: Baggage<'a>) -> u32 {
        if self.is_empty() {
            *self = other;
            return 0;
        }
        let known: Vec<String> = self
            .members()
            .map(|member| member.key().to_owned())
            .collect();
        let mut left_out = 0;
        for text in split(&other.0) {
            let new = Member::parse(text)
                .is_some_and(|member| !known.iter().any(|key| key == member.key()));
            left_out += u32::from(new && !self.push(text));
        }
        left_out
    }

    /// Whether there is nothing to hand on.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The list as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same list, no longer borrowed.
    #[must_use]
    pub fn into_owned(self) -> Baggage<'static> {
        Baggage(Cow::Owned(self.0.into_owned()))
    }

    /// Whether the member is valid and there was room for it.
    fn push(&mut self, member: &str) -> bool {
        let comma = usize::from(!self.is_empty());
        if self.0.len() + comma + member.len() > MAX_BYTES
            || split(&self.0).count() >= MAX_MEMBERS
            || Member::parse(member).is_none()
        {
            return false;
        }
        let list = self.0.to_mut();
        if comma > 0 {
            list.push(',');
        }
        list.push_str(member);
        true
    }
}

pub(super) fn read<'c, C: Carrier>(carrier: &'c C) -> (Baggage<'c>, u32) {
    Baggage::join(carrier.values_of(BAGGAGE))
}

pub(super) fn write<C: CarrierMut + ?Sized>(outgoing: &Outgoing<'_>, carrier: &mut C) {
    if let Some(baggage) = outgoing.baggage.filter(|baggage| !baggage.is_empty()) {
        carrier.set(BAGGAGE, baggage.as_str());
    }
}

/// The members as text; empty ones are allowed in any list of HTTP, and skipped.
fn split(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(trim).filter(|text| !text.is_empty())
}

fn is_whole(list: &str) -> bool {
    let mut count = 0;
    list.len() <= MAX_BYTES
        && split(list).all(|member| {
            count += 1;
            count <= MAX_MEMBERS && Member::parse(member).is_some()
        })
}
