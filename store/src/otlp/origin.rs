//! Where spans come from: what a request tells once for many of them.

use opentelemetry_proto::tonic::common::v1::{EntityRef, InstrumentationScope};
use opentelemetry_proto::tonic::resource::v1 as proto;
use prost::Message;

use super::attributes::Attributes;
use super::decode::broken;
use super::elements::{Kind, MAX_ELEMENTS, too_many};
use super::error::DecodeError;
use super::wire::Fields;

/// The resource of some spans, ready for their rows.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) attributes: Attributes,
    pub(super) service_name: String,
    pub(super) dropped_attributes_count: Option<u32>,
    pub(super) schema_url: Option<String>,
    pub(super) entity_refs: Option<String>,
}

impl Resource {
    /// Of a `ResourceSpans`. The last wins where there are several, so that one lives at a time.
    pub(super) fn of(message: &[u8]) -> Result<Self, DecodeError> {
        let mut resource: Option<proto::Resource> = None;
        for bytes in Fields::of(message).numbered(1) {
            let bytes = bytes.map_err(broken("ResourceSpans"))?;
            refuse_too_many(Kind::Resource, bytes)?;
            resource = Some(proto::Resource::decode(bytes).map_err(broken("Resource"))?);
        }
        let dropped_attributes_count = resource
            .as_ref()
            .map(|resource| resource.dropped_attributes_count);
        let resource = resource.unwrap_or_default();
        let attributes = Attributes::of(resource.attributes);
        let service_name = attributes
            .string("service.name")
            .filter(|name| !name.is_empty());
        Ok(Self {
            service_name: service_name.unwrap_or("unknown_service").to_owned(),
            attributes,
            dropped_attributes_count,
            schema_url: schema_url(message)?,
            entity_refs: entity_refs(&resource.entity_refs),
        })
    }

    pub(super) fn size_bytes(&self) -> usize {
        let others = [&self.schema_url, &self.entity_refs];
        self.attributes.size_bytes()
            + self.service_name.len()
            + others.into_iter().flatten().map(String::len).sum::<usize>()
    }
}

/// The instrumentation scope of some spans, ready for their rows.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) attributes: Attributes,
    pub(super) dropped_attributes_count: Option<u32>,
    pub(super) schema_url: Option<String>,
}

impl Scope {
    /// Of a `ScopeSpans`.
    pub(super) fn of(message: &[u8]) -> Result<Self, DecodeError> {
        let mut scope: Option<InstrumentationScope> = None;
        for bytes in Fields::of(message).numbered(1) {
            let bytes = bytes.map_err(broken("ScopeSpans"))?;
            refuse_too_many(Kind::Scope, bytes)?;
            scope =
                Some(InstrumentationScope::decode(bytes).map_err(broken("InstrumentationScope"))?);
        }
        let dropped_attributes_count = scope.as_ref().map(|scope| scope.dropped_attributes_count);
        let scope = scope.unwrap_or_default();
        Ok(Self {
            attributes: Attributes::of(scope.attributes),
            name: scope.name,
            version: scope.version,
            dropped_attributes_count,
            schema_url: schema_url(message)?,
        })
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.attributes.size_bytes()
            + self.name.len()
            + self.version.len()
            + self.schema_url.as_ref().map_or(0, String::len)
    }
}

fn refuse_too_many(kind: Kind, message: &[u8]) -> Result<(), DecodeError> {
    let name = if matches!(kind, Kind::Scope) {
        "InstrumentationScope"
    } else {
        "Resource"
    };
    if too_many(kind, message).map_err(broken(name))? {
        return Err(DecodeError::TooManyElements {
            limit: MAX_ELEMENTS,
        });
    }
    Ok(())
}

/// Field 3 of both `ResourceSpans` and `ScopeSpans`; NULL where it is empty.
fn schema_url(message: &[u8]) -> Result<Option<String>, DecodeError> {
    let mut url = String::new();
    for bytes in Fields::of(message).numbered(3) {
        let bytes = bytes.map_err(broken("ResourceSpans"))?;
        url = std::str::from_utf8(bytes)
            .map_err(|source| DecodeError::SchemaUrl { source })?
            .to_owned();
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
