DROP TABLE IF EXISTS "iampass_sessions";
DROP TRIGGER IF EXISTS "iampass_tokens_cascade";
DROP TABLE IF EXISTS "iampass_tokens";
