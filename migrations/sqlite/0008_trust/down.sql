DROP TABLE trusted_key;
