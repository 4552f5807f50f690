DROP TABLE agreement_obligor;
ALTER TABLE line DROP COLUMN beneficiary_kind;
ALTER TABLE line RENAME COLUMN beneficiary TO person;
