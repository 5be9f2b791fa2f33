//! Organizations that have used what a day's quota allows: their workers answer nobody until the day is over.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use http::header::RETRY_AFTER;
use http::{HeaderValue, Response, StatusCode};
use ouro_core::id::OrganizationId;
use ouro_core::ports::metadata::OverQuota;

use crate::answer::Answer;
use crate::body::GatewayBody;

#[derive(Default)]
struct Over {
    by_organization: HashMap<OrganizationId, OverQuota>,
    /// Unix time in seconds.
    resets_at_s: u64,
}

/// Who is over a quota.
#[derive(Default)]
pub struct Quotas(ArcSwap<Over>);

impl Quotas {
    /// `resets_at_s` is when the day is over, Unix time in seconds.
    pub fn set(&self, over: Vec<OverQuota>, resets_at_s: u64) {
        if over.is_empty() && self.0.load().by_organization.is_empty() {
            return;
        }
        let by_organization = over.into_iter().map(|it| (it.organization.clone(), it));
        self.0.store(std::sync::Arc::new(Over {
            by_organization: by_organization.collect(),
            resets_at_s,
        }));
    }

    /// Whether workers of the organization answer nobody for now.
    pub fn is_over(&self, organization: &OrganizationId) -> bool {
        self.refuse(organization, "").is_some()
    }

    /// The answer to a request for a worker of an organization that is over one.
    pub(crate) fn refuse(
        &self,
        organization: &OrganizationId,
        request_id: &str,
    ) -> Option<Response<GatewayBody>> {
        let over = self.0.load();
        let quota = over.by_organization.get(organization)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let wait = over
            .resets_at_s
            .checked_sub(now.unwrap_or_default().as_secs());
        // The day is over, and nobody has looked since.
        let wait = wait.filter(|seconds| *seconds > 0)?;
        let message = format!(
            "the organization is over its quota `{}`: {} of {} used; it begins anew in {wait} s",
            quota.quota, quota.used, quota.limit
        );
        let answer = Answer::new(StatusCode::TOO_MANY_REQUESTS, "quota_exceeded", &message);
        let mut response = answer.response(request_id);
        if let Ok(wait) = HeaderValue::try_from(wait.to_string()) {
            response.headers_mut().insert(RETRY_AFTER, wait);
        }
        Some(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(organization: &str) -> OverQuota {
        OverQuota {
            organization: OrganizationId::from(organization),
            quota: "requests_per_day",
            limit: 10,
            used: 12,
        }
    }

    #[test]
    fn who_is_over_is_refused_until_the_day_is_over() {
        let quotas = Quotas::default();
        let refused = |quotas: &Quotas, id: &str| quotas.refuse(&OrganizationId::from(id), "exe_1");
        assert!(refused(&quotas, "org_a").is_none());
        quotas.set(vec![over("org_a")], u64::MAX / 2);
        let response = refused(&quotas, "org_a").expect("refused");
        assert_eq!(response.status(), 429);
        assert!(response.headers().contains_key("retry-after"));
        assert!(refused(&quotas, "org_b").is_none());
        assert!(quotas.is_over(&"org_a".into()) && !quotas.is_over(&"org_b".into()));
        quotas.set(vec![over("org_a")], 1);
        assert!(refused(&quotas, "org_a").is_none(), "the day is over");
        quotas.set(Vec::new(), u64::MAX / 2);
        assert!(refused(&quotas, "org_a").is_none());
    }
}
