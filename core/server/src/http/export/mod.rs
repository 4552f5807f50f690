//! Lists as JSON, NDJSON, CSV or a spreadsheet: what the client accepts, or `format` says.

pub(crate) mod cell;
pub(crate) mod csv;
pub(crate) mod xlsx;

use std::cmp::Reverse;

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;

use super::problem::Problem;
use super::query::{Params, words};

words! {
    /// Form of a list.
    Form {
        /// A page, as JSON.
        Json = "json",
        /// The whole list, one JSON object a line.
        Ndjson = "ndjson",
        /// The whole list, as CSV.
        Csv = "csv",
        /// The whole list, as a spreadsheet.
        Xlsx = "xlsx",
    } "write json, ndjson, csv or xlsx"
}

impl Form {
    pub(crate) const ALL: [Self; 4] = [Self::Json, Self::Ndjson, Self::Csv, Self::Xlsx];

    /// Its media type.
    pub(crate) const fn media(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The content type of an answer.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            _ => self.media(),
        }
    }

    /// Ending of a file's name.
    pub(crate) const fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The form that a request asks for: by its parameter, or else the one that it accepts most.
    pub(crate) fn asked(request: &HttpRequest, params: &mut Params) -> Result<Self, Problem> {
        params.take("format")?.map_or_else(|| Self::accepted(request), Ok)
    }

    /// The form that a request accepts most; JSON when it does not care.
    fn accepted(request: &HttpRequest) -> Result<Self, Problem> {
        let Some(accept) = request.headers().get(ACCEPT) else { return Ok(Self::Json) };
        let accept = accept.to_str().map_err(|_| Problem::new("request.not_acceptable"))?;
        let ranges: Vec<(&str, u32)> = accept.split(',').map(range).collect();
        // What counts for a form is the range that names it most exactly, also when it says that the form is not wanted.
        let weight = |form: &Self| {
            let of = ranges.iter().enumerate().map(|(place, (range, weight))| (exactness(range, form.media()), place, *weight));
            let (_, place, weight) = of.filter(|(exactness, ..)| *exactness > 0).max_by_key(|(exactness, place, _)| (*exactness, Reverse(*place)))?;
            (weight > 0).then_some((weight, Reverse(place)))
        };
        let weighed = Self::ALL.into_iter().rev().filter_map(|form| Some((weight(&form)?, form)));
        let best = weighed.max_by_key(|(weight, _)| *weight);
        best.map(|(_, form)| form).ok_or_else(|| Problem::new("request.not_acceptable").detail(format!("`Accept: {accept}`")))
    }
}

/// A media range with its weight in thousandths.
fn range(text: &str) -> (&str, u32) {
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    (media, parts.find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q="))).map_or(1000, thousandths))
}

/// How exactly a media range names a media type: 0 when it does not have it.
fn exactness(range: &str, media: &str) -> u8 {
    let kind = |m: &str| m.split_once('/').map(|(k, _)| k.to_ascii_lowercase());
    match range {
        _ if range.eq_ignore_ascii_case(media) => 3,
        "*/*" => 1,
        _ if range.ends_with("/*") && kind(range) == kind(media) => 2,
        _ => 0,
    }
}

/// A weight between 0 and 1 with up to three digits, in thousandths.
fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let part = format!("{part:0<3}");
    let digits = format!("{whole}{}", part.get(..3).unwrap_or("000"));
    digits.parse().unwrap_or(0).min(1000)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::Form;

    #[test]
    fn the_heaviest_accepted_form_wins() {
        let accepted = |accept: &str| Form::accepted(&TestRequest::default().insert_header(("accept", accept)).to_http_request()).ok();
        assert_eq!(accepted("*/*"), Some(Form::Json));
        assert_eq!(accepted("text/csv"), Some(Form::Csv));
        assert_eq!(accepted("text/*;q=0.5, application/x-ndjson;q=0.25"), Some(Form::Csv));
        assert_eq!(accepted("text/html, application/xhtml+xml, */*;q=0.8"), Some(Form::Json));
        assert_eq!(accepted("text/csv;q=0.1, application/x-ndjson;q=0.9"), Some(Form::Ndjson));
        assert_eq!(accepted("image/png"), None);
        assert_eq!(accepted("text/csv;q=0"), None);
        assert_eq!(accepted("*/*, application/json;q=0"), Some(Form::Ndjson));
        assert_eq!(accepted("*/*;q=0, text/csv"), Some(Form::Csv));
        assert_eq!(accepted("text/*;q=0.9, text/csv;q=0.1, application/json;q=0.5"), Some(Form::Json));
        assert_eq!(accepted("text/csv, application/json"), Some(Form::Csv));
        assert_eq!(Form::accepted(&TestRequest::default().to_http_request()).ok(), Some(Form::Json));
    }
}
