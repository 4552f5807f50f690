ALTER TABLE line DROP COLUMN basis_milestone;
DROP TABLE milestone;
DROP TABLE agreement_holder;
DROP TABLE agreement_receivable;
DROP TABLE agreement;
