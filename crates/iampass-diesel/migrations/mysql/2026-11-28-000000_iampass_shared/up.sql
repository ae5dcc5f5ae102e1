CREATE TABLE IF NOT EXISTS `iampass_shared` (
    `key` VARBINARY(255) NOT NULL PRIMARY KEY,
    `version` BIGINT NOT NULL,
    `value` BLOB NOT NULL,
    `expires_at` BIGINT NOT NULL,
    INDEX `iampass_shared_expiry` (`expires_at`)
) ENGINE = InnoDB;
