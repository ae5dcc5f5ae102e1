//! The ratios to an older revision that are to be reached.

/// The revision that the bounds are for.
const REVISION: &str = "49bb872";

/// The least ratio where more is better, the most where less is.
const BOUNDS: [(&str, f64); 11] = [
    ("login_postgres_per_s", 3.0),
    ("login_postgres_alone_per_s", 1.5),
    ("status_postgres_per_s", 3.0),
    ("login_sqlite_per_s", 1.8),
    ("login_sqlite_alone_per_s", 1.6),
    ("status_vs_bare", 0.97),
    ("guard_axum_added_us", 1.05),
    ("guard_actix_added_us", 1.05),
    ("demo_build_s", 0.7),
    ("workspace_build_s", 1.0),
    ("page_rebuild_s", 0.5),
];

/// Says whether a ratio keeps to its bound. Empty: it has none to this revision.
pub(super) fn verdict(commit: &str, name: &str, ratio: f64, is_lower_better: bool) -> String {
    let Some((_, bound)) = BOUNDS.iter().find(|(of, _)| *of == name) else { return String::new() };
    if !commit.starts_with(REVISION) {
        return String::new();
    }
    let (sign, is_kept) = if is_lower_better { ("≤", ratio <= *bound) } else { ("≥", ratio >= *bound) };
    format!("{sign} {bound}  {}", if is_kept { "kept" } else { "MISSED" })
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn a_ratio_keeps_to_its_bound_or_misses_it() {
        assert_eq!(verdict("49bb8726", "login_sqlite_per_s", 1.8, false), "≥ 1.8  kept");
        assert_eq!(verdict("49bb8726", "login_sqlite_per_s", 1.79, false), "≥ 1.8  MISSED");
        assert_eq!(verdict("49bb8726", "guard_axum_added_us", 1.06, true), "≤ 1.05  MISSED");
        assert_eq!(verdict("49bb8726", "guard_axum_added_us", 0.5, true), "≤ 1.05  kept");
        assert_eq!(verdict("49bb8726", "sign_vs_floor", 0.5, true), "");
        assert_eq!(verdict("c4d788ff", "login_sqlite_per_s", 0.5, false), "");
    }
}
