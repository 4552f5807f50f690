-- Letters and agreements that begin between two days are found by these days, and not by reading all of them.
CREATE INDEX letter_by_first_day ON letter (ledger, first_day);
CREATE INDEX agreement_by_first_day ON agreement (ledger, first_day);
