DROP TABLE IF EXISTS `iampass_shared`;
