//! The laws: each is a section of the page, and each has proofs.

/// The line that the list of a law's proofs begins with.
const PROOFS: &str = "Proved by:";

/// The titles of the sections that have no proof.
pub(super) fn without_proof(text: &str) -> Vec<String> {
    let mut sections = text.split("\n## ");
    sections.next();
    let is_bare = |section: &&str| !proofs(section).contains("](");
    let title = |section: &str| section.lines().next().unwrap_or_default().to_owned();
    sections.filter(is_bare).map(|section| format!("\"{}\" has no proof", title(section))).collect()
}

/// The lists of proofs alone: from [`PROOFS`] to the next empty line.
pub(super) fn proofs(text: &str) -> String {
    let mut kept = String::new();
    let mut is_proof = false;
    for line in text.lines() {
        if line == PROOFS {
            is_proof = true;
        } else if line.is_empty() {
            is_proof = false;
        } else if is_proof {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_without_proof_is_named() {
        let text = "# Laws\n\n## 1. A\n\nText.\n\nProved by:\n* [`a.rs::b`](a.rs)\n\nMore.\n\n## 2. B\n\nSee [`c.rs`](c.rs).\n";
        assert_eq!(without_proof(text), ["\"2. B\" has no proof"]);
        assert_eq!(proofs(text), "* [`a.rs::b`](a.rs)\n");
    }
}
