-- MySQL takes no table back when a step fails. So a step can be done again: what is there already is left as it is.
CREATE TABLE IF NOT EXISTS users (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    -- Of plain characters, so that no collation takes two names for one.
    name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
    -- In seconds since 1970, as all times here.
    signed_up_at BIGINT NOT NULL,
    has_arrived BOOLEAN NOT NULL DEFAULT FALSE
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS notes (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    title VARCHAR(80) NOT NULL,
    text TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    INDEX notes_of_user (user_id, id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB, CHARACTER SET utf8mb4;
