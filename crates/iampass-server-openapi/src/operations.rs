//! The calls for operators, as they are described: this document, and pages that answer programs.

use iampass_core::wire::Reason;
use serde_json::json;

use super::described::Described;
use super::heading::Heading::Operations;

/// With their paths, all called with GET.
pub(super) fn all() -> [(&'static str, Described); 5] {
    [
        ("/healthz", healthz()),
        ("/readyz", readyz()),
        ("/metrics", metrics()),
        ("/openapi.json", openapi()),
        ("/docs/reasons.json", reasons()),
    ]
}

fn healthz() -> Described {
    Described::page(
        Operations,
        "healthz",
        "Whether the process lives",
        "A node that does not answer is to be started again.",
    )
    .answers(200, "It lives.", "Alive", json!({"status": true}))
}

fn readyz() -> Described {
    Described::page(
        Operations,
        "readyz",
        "Whether the node can do its work",
        "A node that does not say 200 is to be sent nothing; it need not be started again for that. The store is asked once a second at \
         most, however often this is called.",
    )
    .answers(200, "All is well.", "Readiness", json!({"status": true, "store": "ok", "clock": "ok", "stopping": false}))
    .answers(
        503,
        "The store cannot be used, the clock is wrong, or the node is on its way out.",
        "Readiness",
        json!({"status": false, "store": "unreachable", "clock": "ok", "stopping": false}),
    )
}

fn metrics() -> Described {
    Described::page(
        Operations,
        "metrics",
        "Counters for Prometheus",
        "To whom it is shown is a setting of the service. Whoever may not see it gets the answer of a path that leads nowhere. No label \
         names a user or a session.",
    )
    .answers_text(
        200,
        "The text format of Prometheus.",
        prometheus_client::encoding::prometheus_text::CONTENT_TYPE,
        "# HELP iampass_nonces_remembered …",
    )
    .refuses(404, &[Reason::NotFound])
    .refuses(503, &[Reason::Unavailable])
}

fn openapi() -> Described {
    Described::page(Operations, "openapi", "This document", "For people it is at `/docs/api`.").answers(
        200,
        "An OpenAPI 3.1 document.",
        "Anything",
        json!({"openapi": "3.1.0", "info": {"title": "IAMPASS", "version": "0.1.0"}}),
    )
}

fn reasons() -> Described {
    Described::page(
        Operations,
        "reasons",
        "The catalogue of reason codes",
        "When each code is given, with which status, and what to do about it. For people it is at `/docs/reasons`.",
    )
    .answers(
        200,
        "The catalogue.",
        "ReasonCatalogue",
        json!({"reasons": [{"reason": "NONCE_REPLAYED", "statuses": [403], "retry": true,
            "when": "The nonce was used before.", "what_to_do": "Sign every request anew."}]}),
    )
}
