DROP TABLE disclosure;
DROP TABLE decision;
DROP TABLE proposal;
DROP TABLE access_grant;
DROP TABLE api_token;
DROP TABLE user_account;
