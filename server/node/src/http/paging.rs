//! Lists a page at a time: `?limit=50&after=CURSOR`; the answer's `next` is the cursor of the next page.

use crate::http::openapi::words::{CursorText, PageSize};
use crate::http::problem::Problem;
use actix_web::{HttpRequest, web};
use campaign::Cursor;
use campaign::page::{PAGE_DEFAULT, page_size};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

/// Which page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageRequest {
    #[serde(default)]
    #[param(value_type = PageSize, required = false)]
    pub(crate) limit: Option<usize>,
    #[serde(default)]
    #[param(value_type = CursorText, required = false)]
    pub(crate) after: Option<String>,
}

/// What a query asks for; read after it is known who asks.
pub(crate) fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Problem> {
    let query = web::Query::<T>::from_query(request.query_string());
    query
        .map(web::Query::into_inner)
        .map_err(|_| Problem::BadRequest("the query is not what this request takes"))
}

impl PageRequest {
    /// Where the page begins, and how long it is.
    pub(crate) fn read(&self) -> Result<(Option<Cursor>, usize), Problem> {
        self.read_with(PAGE_DEFAULT)
    }

    /// The same, if it is to have another length as long as nobody says which.
    pub(crate) fn read_with(&self, size: usize) -> Result<(Option<Cursor>, usize), Problem> {
        let after = self.after.as_deref().map(Cursor::parse).transpose();
        let after = after.map_err(|_| Problem::BadRequest("after is what an answer calls next"))?;
        Ok((after, page_size(self.limit.unwrap_or(size))))
    }
}
