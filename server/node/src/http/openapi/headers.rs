//! Headers that several operations take.

use crate::http::openapi::words::IdempotencyKeyText;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{RefOr, Required};
use utoipa::{IntoParams, PartialSchema};

/// `Idempotency-Key`, for operations whose route is wrapped in [`once`](crate::http::idempotency::once).
pub(crate) struct IdempotencyKeyHeader;

/// `If-Match`.
pub(crate) struct IfMatchHeader;

/// `If-Match`, where an answer is to what was seen.
pub(crate) struct IfMatchSeenHeader;

/// `If-Match`, where nothing is changed without it.
pub(crate) struct IfMatchNeededHeader;

impl IntoParams for IdempotencyKeyHeader {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let meaning = "Your own word for this request; the same again is the same request, and is done once.";
        vec![header("Idempotency-Key", Required::False, meaning, IdempotencyKeyText::schema())]
    }
}

impl IntoParams for IfMatchHeader {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let meaning = "The `ETag` of the answer that this changes. A change of some of roles, regions and teams needs it.";
        vec![header("If-Match", Required::False, meaning, String::schema())]
    }
}

impl IntoParams for IfMatchSeenHeader {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let meaning =
            "The `ETag` of the conversation as it was seen: nothing is written if something came meanwhile.";
        vec![header("If-Match", Required::False, meaning, String::schema())]
    }
}

impl IntoParams for IfMatchNeededHeader {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let meaning = "The `ETag` of the answer that this changes, or `*`.";
        vec![header("If-Match", Required::True, meaning, String::schema())]
    }
}

fn header(name: &str, required: Required, meaning: &str, schema: RefOr<Schema>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(meaning))
        .schema(Some(schema))
        .build()
}
