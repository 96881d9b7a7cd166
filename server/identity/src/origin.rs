//! The Origin rule (RFC 6454; against cross-site WebSocket hijacking): on the allow-list when present; absent only
//! without cookie credentials, because programs that are no browsers send none.

/// The origins that may use this service from a browser.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OriginRule {
    allowed: Vec<String>,
}

/// What the rule says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginVerdict {
    /// Go on.
    Allowed,
    /// 403, before anything else happens.
    Refused,
}

impl OriginRule {
    /// A rule with these origins, each `scheme://host[:port]` in lower case without a trailing slash.
    pub fn new(allowed: impl IntoIterator<Item = String>) -> Self {
        Self { allowed: allowed.into_iter().collect() }
    }

    /// Judges a request by its `Origin` header and whether it shows a cookie credential.
    pub fn judge(&self, origin: Option<&str>, has_cookie_credential: bool) -> OriginVerdict {
        let fits = match origin {
            None => !has_cookie_credential,
            Some(origin) => self.allowed.iter().any(|allowed| allowed == origin),
        };
        if fits { OriginVerdict::Allowed } else { OriginVerdict::Refused }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_origin_fits() {
        let rule = OriginRule::new(["https://holdfast.example".to_owned()]);
        assert_eq!(rule.judge(Some("https://holdfast.example"), true), OriginVerdict::Allowed);
        for origin in [
            "null",
            "",
            "https://holdfast.example.evil.org",
            "https://evil-holdfast.example",
            "http://holdfast.example",
            "https://sub.holdfast.example",
            "https://holdfast.example:8443",
            "https://holdfast.example/",
        ] {
            assert_eq!(rule.judge(Some(origin), false), OriginVerdict::Refused, "{origin}");
        }
    }

    #[test]
    fn a_native_client_has_no_origin_and_no_cookie() {
        let rule = OriginRule::default();
        assert_eq!(rule.judge(None, false), OriginVerdict::Allowed);
        assert_eq!(rule.judge(None, true), OriginVerdict::Refused);
    }
}
