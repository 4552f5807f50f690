-- Cases to be seen again are found by that day, and not by reading every judgement.
CREATE INDEX case_judged_by_recheck ON case_judged (ledger, pack, recheck_on) WHERE recheck_on IS NOT NULL;
CREATE INDEX case_judged_by_fault ON case_judged (ledger, pack) WHERE fault IS NOT NULL;
-- Agreements that follow what units recover are few.
CREATE INDEX agreement_by_target ON agreement (ledger, id) WHERE target IS NOT NULL;
