DROP TABLE IF EXISTS `iampass_sessions`;
DROP TABLE IF EXISTS `iampass_tokens`;
