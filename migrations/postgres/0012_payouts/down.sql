DROP TABLE wage_guard;
DROP TABLE payout_terms;
DROP TABLE payout_step;
DROP TABLE payout;
ALTER TABLE settlement DROP COLUMN payout;
