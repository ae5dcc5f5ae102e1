//! The letters that collations of databases take for others: a rule holds for each name by which a site finds the same page.

use iampass_gate::path::Segment;

/// The signs that a collation takes for letters of ASCII, each with them, as the database says them.
fn missed(pairs: &str) -> (usize, Vec<(&str, &str)>) {
    let pairs: Vec<_> = pairs.lines().filter_map(|pair| pair.split_once('\t')).collect();
    let is_missed = |(sign, text): &(&str, &str)| {
        let folded = |text: &str| Segment::plain(text).map(|segment| segment.folded);
        // A segment that is not plain has to meet all rules.
        folded(sign).is_some_and(|sign| Some(sign) != folded(text))
    };
    (pairs.len(), pairs.into_iter().filter(is_missed).collect())
}

#[test]
fn rules_hold_for_all_that_mariadb_takes_for_the_same() {
    let Some(server) = iampass_test_databases::mariadb() else { return };
    for collation in ["utf8mb4_uca1400_ai_ci", "utf8mb4_unicode_520_ci", "utf8mb4_unicode_ci"] {
        let pairs = server.database().sql(&format!(
            "CREATE TABLE signs (sign varchar(4)) CHARACTER SET utf8mb4 COLLATE {collation};
             INSERT INTO signs SELECT CONVERT(CHAR(seq USING utf32) USING utf8mb4) FROM seq_128_to_131071
                 WHERE seq NOT BETWEEN 55296 AND 57343;
             INSERT INTO signs SELECT CONCAT(CONVERT(CHAR(a.seq USING utf32) USING utf8mb4), CONVERT(CHAR(b.seq USING utf32) USING utf8mb4))
                 FROM seq_127462_to_127487 a, seq_127462_to_127487 b;
             CREATE TABLE plain (text varchar(4)) CHARACTER SET utf8mb4 COLLATE {collation};
             INSERT INTO plain SELECT CHAR(seq USING utf8mb4) FROM seq_97_to_122;
             INSERT INTO plain SELECT CONCAT(a.text, b.text) FROM plain a, plain b;
             INSERT INTO plain SELECT CONCAT(a.text, b.text) FROM plain a, plain b WHERE length(a.text) = 2 AND length(b.text) = 1;
             CREATE INDEX plain_text ON plain (text);
             SELECT sign, text FROM signs JOIN plain ON text = sign;
             SELECT CONCAT('a', sign, 'b'), 'ab' FROM signs WHERE CONCAT('a', sign, 'b') = 'ab' COLLATE {collation}"
        ));
        let pairs = pairs.unwrap();
        let (found, missed) = missed(&pairs);
        assert!(found > 100 && missed.is_empty(), "{collation}: {} of {found}: {missed:?}", missed.len());
    }
}

#[test]
fn rules_hold_for_all_that_postgres_takes_for_the_same() {
    let Some(server) = iampass_test_databases::postgres() else { return };
    let pairs = server.database().sql(
        "CREATE COLLATION alike (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
         CREATE TABLE signs (sign text COLLATE alike);
         INSERT INTO signs SELECT chr(n) FROM generate_series(128, 131071) n WHERE n NOT BETWEEN 55296 AND 57343;
         INSERT INTO signs SELECT chr(a) || chr(b) FROM generate_series(127462, 127487) a, generate_series(127462, 127487) b;
         CREATE TABLE plain (text text COLLATE alike);
         INSERT INTO plain SELECT chr(n) FROM generate_series(97, 122) n;
         INSERT INTO plain SELECT a.text || b.text FROM plain a, plain b;
         INSERT INTO plain SELECT a.text || b.text FROM plain a, plain b WHERE length(a.text) = 2 AND length(b.text) = 1;
         SELECT sign, text FROM signs JOIN plain ON text = sign;
         SELECT 'a' || sign || 'b', 'ab' FROM signs WHERE 'a' || sign || 'b' = 'ab'",
    );
    let pairs = pairs.unwrap();
    let (found, missed) = missed(&pairs);
    assert!(found > 100 && missed.is_empty(), "{} of {found}: {missed:?}", missed.len());
}
