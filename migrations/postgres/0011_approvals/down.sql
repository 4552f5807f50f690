DROP TABLE delegation;
DROP TABLE authority;
DROP TABLE request;
DROP TABLE period_reopened;
DROP INDEX period_closed_by_month;
CREATE UNIQUE INDEX period_closed_by_month ON period_closed (ledger, month);
