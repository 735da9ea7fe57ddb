//! Where spans come from: what a request tells once for many of them.

use opentelemetry_proto::tonic::common::v1::EntityRef;
use prost::Message;

use super::attributes::{self, AttributeType, AttributeValue};
use super::decode::broken;
use super::elements::{Kind, MAX_ELEMENTS, too_many};
use super::error::DecodeError;
use super::nested::AttributeMaps;
use super::wire::Fields;

/// The resource of some spans, ready for their rows.
#[derive(Debug)]
pub(super) struct Resource<'a> {
    /// One row.
    pub(super) attributes: AttributeMaps,
    pub(super) service_name: Vec<u8>,
    pub(super) dropped_attributes_count: Option<u32>,
    pub(super) schema_url: Option<&'a str>,
    pub(super) entity_refs: Option<String>,
}

impl<'a> Resource<'a> {
    /// Of a `ResourceSpans`. The last wins where there are several, so that one lives at a time.
    pub(super) fn of(message: &'a [u8]) -> Result<Self, DecodeError> {
        let bytes = last(message, "ResourceSpans")?;
        let mut resource = Self {
            attributes: AttributeMaps::default(),
            service_name: b"unknown_service".to_vec(),
            dropped_attributes_count: bytes.map(|_| 0),
            schema_url: schema_url(message)?,
            entity_refs: None,
        };
        resource
            .read(bytes.unwrap_or_default())
            .map_err(broken("Resource"))?;
        Ok(resource)
    }

    fn read(&mut self, message: &[u8]) -> Result<(), prost::DecodeError> {
        let (mut messages, mut list, mut entities) = (Vec::new(), Vec::new(), Vec::new());
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => messages.push(field.bytes()?),
                2 => self.dropped_attributes_count = Some(field.varint_32()?),
                3 => entities.push(EntityRef::decode(field.bytes()?)?),
                _ => {}
            }
        }
        attributes::read(&messages, &mut list)?;
        self.attributes.push(&list);
        self.entity_refs = entity_refs(&entities);
        let name = list
            .iter()
            .find(|attribute| attribute.key.as_ref() == b"service.name")
            .filter(|attribute| attribute.value.kind() == AttributeType::String);
        if let Some(AttributeValue::String(name)) = name.map(|attribute| &attribute.value)
            && !name.is_empty()
        {
            self.service_name = name.to_vec();
        }
        Ok(())
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.attributes.size_bytes()
            + self.service_name.len()
            + self.schema_url.map_or(0, str::len)
            + self.entity_refs.as_ref().map_or(0, String::len)
    }
}

/// The instrumentation scope of some spans, ready for their rows.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) name: &'a [u8],
    pub(super) version: &'a [u8],
    /// One row.
    pub(super) attributes: AttributeMaps,
    pub(super) dropped_attributes_count: Option<u32>,
    pub(super) schema_url: Option<&'a str>,
}

impl<'a> Scope<'a> {
    /// Of a `ScopeSpans`.
    pub(super) fn of(message: &'a [u8]) -> Result<Self, DecodeError> {
        let bytes = last(message, "ScopeSpans")?;
        let mut scope = Self {
            name: &[],
            version: &[],
            attributes: AttributeMaps::default(),
            dropped_attributes_count: bytes.map(|_| 0),
            schema_url: schema_url(message)?,
        };
        scope
            .read(bytes.unwrap_or_default())
            .map_err(broken("InstrumentationScope"))?;
        Ok(scope)
    }

    fn read(&mut self, message: &'a [u8]) -> Result<(), prost::DecodeError> {
        let (mut messages, mut list) = (Vec::new(), Vec::new());
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => self.name = field.bytes()?,
                2 => self.version = field.bytes()?,
                3 => messages.push(field.bytes()?),
                4 => self.dropped_attributes_count = Some(field.varint_32()?),
                _ => {}
            }
        }
        attributes::read(&messages, &mut list)?;
        self.attributes.push(&list);
        Ok(())
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.attributes.size_bytes()
            + self.name.len()
            + self.version.len()
            + self.schema_url.map_or(0, str::len)
    }
}

/// Field 1 of both `ResourceSpans` and `ScopeSpans`, within its bound.
fn last<'a>(message: &'a [u8], name: &'static str) -> Result<Option<&'a [u8]>, DecodeError> {
    let (kind, inner) = if name == "ResourceSpans" {
        (Kind::Resource, "Resource")
    } else {
        (Kind::Scope, "InstrumentationScope")
    };
    let mut last = None;
    for bytes in Fields::of(message).numbered(1) {
        let bytes = bytes.map_err(broken(name))?;
        if too_many(kind, bytes).map_err(broken(inner))? {
            return Err(DecodeError::TooManyElements {
                limit: MAX_ELEMENTS,
            });
        }
        last = Some(bytes);
    }
    Ok(last)
}

/// Field 3 of both `ResourceSpans` and `ScopeSpans`; NULL where it is empty.
fn schema_url(message: &[u8]) -> Result<Option<&str>, DecodeError> {
    let mut url = "";
    for bytes in Fields::of(message).numbered(3) {
        let bytes = bytes.map_err(broken("ResourceSpans"))?;
        url = std::str::from_utf8(bytes).map_err(|source| DecodeError::SchemaUrl { source })?;
    }
    Ok((!url.is_empty()).then_some(url))
}

fn entity_refs(refs: &[EntityRef]) -> Option<String> {
    let as_json = |entity: &EntityRef| {
        serde_json::json!({
            "schemaUrl": entity.schema_url, "type": entity.r#type, "idKeys": entity.id_keys, "descriptionKeys": entity.description_keys,
        })
    };
    (!refs.is_empty()).then(|| serde_json::Value::from_iter(refs.iter().map(as_json)).to_string())
}
