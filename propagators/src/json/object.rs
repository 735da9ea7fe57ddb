//! The members of an object that somebody wants, by name.

use super::{Raw, Scan};

/// A structure of raw values that [`object!`] declares.
pub(crate) trait Object<'a>: Default {
    /// Takes a member, if it is one of those; the last of several with one name counts, as in every runtime.
    fn set(&mut self, name: &str, value: Raw<'a>);

    /// Reads an object where the cursor stands.
    fn scan(scan: &mut Scan<'a>) -> Option<Self> {
        let mut found = Self::default();
        scan.object(|scan, name| {
            found.set(name, scan.value()?);
            Some(())
        })?;
        Some(found)
    }

    /// Reads an object; empty when it is none.
    fn read(raw: Option<Raw<'a>>) -> Self {
        let mut found = Self::default();
        for (name, value) in raw.into_iter().flat_map(Raw::members) {
            found.set(&name, value);
        }
        found
    }
}

/// Declares a structure with one raw value for each name. `null` is absent.
macro_rules! object {
    ($(#[$doc:meta])* $vis:vis struct $object:ident { $($field:ident: $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        $vis struct $object<'a> {
            $(pub(super) $field: Option<$crate::json::Raw<'a>>),+
        }

        impl<'a> $crate::json::Object<'a> for $object<'a> {
            fn set(&mut self, name: &str, value: $crate::json::Raw<'a>) {
                let value = (!value.is_null()).then_some(value);
                match name {
                    $($name => self.$field = value,)+
                    _ => {}
                }
            }
        }
    };
}
pub(crate) use object;
