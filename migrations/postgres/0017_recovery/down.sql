ALTER TABLE agreement DROP COLUMN target;
DROP TABLE expected_recovery;
