DROP TABLE contract_closed;
DROP TABLE wage_month;
DROP TABLE role;
DROP TABLE letter_share;
DROP TABLE letter_receivable;
DROP TABLE letter;
