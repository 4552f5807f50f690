DROP TABLE tree_head;
DROP TABLE personal;
DROP TABLE leaf;
DROP TABLE command;
DROP TABLE ledger;
