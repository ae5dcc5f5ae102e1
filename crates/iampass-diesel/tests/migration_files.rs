//! The files for the diesel CLI are the default schema. After a change of the schema, which is a new migration from the first release on,
//! `IAMPASS_WRITE_MIGRATIONS=1 cargo test -p iampass-diesel --test migration_files` writes them.

use std::path::Path;

use iampass_diesel::{Dialect, Schema};

fn script(statements: &[String]) -> String {
    statements.iter().map(|statement| format!("{statement};\n")).collect()
}

#[test]
fn the_files_are_the_default_schema() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let schema = Schema::default();
    for dialect in Dialect::ALL {
        let folder = folder.join(dialect.to_string()).join("2026-11-24-000000_iampass");
        for (file, statements) in [("up.sql", schema.up(dialect)), ("down.sql", schema.down(dialect))] {
            let (path, wanted) = (folder.join(file), script(&statements));
            if std::env::var_os("IAMPASS_WRITE_MIGRATIONS").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, &wanted).unwrap();
            }
            let found = std::fs::read_to_string(&path).unwrap();
            assert_eq!(found, wanted, "{}", path.display());
        }
    }
}
