//! What a Lambda authorizer hands to the function behind it: the span that it made, where Datadog's library wrote it down.
//!
//! An API keeps the answer of an authorizer and uses it for later requests, which that span has nothing to do with. So it
//! counts only when the authorizer ran for this request: it took its time, or noted the request's id.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Contexts, Place, Reading, envelope::RequestContext, place::Step};
use crate::json::{Object, Raw, object};

/// An API hands over 10 KB in all.
const MAX_BASE64_BYTES: usize = 16 << 10;

object! {
    struct Authorizer {
        lambda: "lambda",
        datadog: "_datadog",
        latency_ms: "integrationLatency",
    }
}

pub(super) fn read(context: &RequestContext<'_>, reading: &Reading<'_>, into: &mut Contexts) {
    let found = Authorizer::read(context.authorizer);
    // HTTP APIs put what it handed over one level further inside.
    let datadog = found.datadog.or(Authorizer::read(found.lambda).datadog);
    let base64 = datadog.and_then(Raw::quoted);
    let base64 = base64.filter(|text| text.len() <= MAX_BASE64_BYTES);
    let Some(json) = base64.and_then(|text| STANDARD.decode(text).ok()) else {
        return;
    };
    let Some(fields) = Raw::of(&json) else { return };
    let took_time = found.latency_ms.and_then(Raw::integer) > Some(0);
    let request = fields
        .get("x-datadog-authorizing-requestid")
        .and_then(Raw::text);
    let same = request.is_some() && request == context.request_id.and_then(Raw::text);
    if took_time || same {
        reading.fields(fields, Step::Datadog, Place::of(Step::Authorizer), into);
    }
}
