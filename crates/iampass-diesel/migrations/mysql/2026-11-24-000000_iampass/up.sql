CREATE TABLE IF NOT EXISTS `iampass_tokens` (
    `id` BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    `user_id` BIGINT NOT NULL UNIQUE,
    `token` VARBINARY(255) NOT NULL UNIQUE,
    `created_at` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE CASCADE
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS `iampass_sessions` (
    `token` VARBINARY(255) NOT NULL PRIMARY KEY,
    `user_token` VARBINARY(255) NOT NULL,
    `sealed_session` BLOB NOT NULL,
    `key_id` VARBINARY(32) NOT NULL,
    `started_at` BIGINT NOT NULL,
    `expires_at` BIGINT NOT NULL,
    `logout_due` BIGINT,
    `claims` BIGINT NOT NULL DEFAULT 0,
    `leased_until` BIGINT,
    `leased_by` VARBINARY(32),
    INDEX `iampass_sessions_user` (`user_token`, `started_at`),
    INDEX `iampass_sessions_due` (`logout_due`, `token`),
    INDEX `iampass_sessions_leased` (`leased_by`),
    INDEX `iampass_sessions_expiry` (`expires_at`)
) ENGINE = InnoDB;
