DROP TABLE job_cancel;
DROP TABLE job;
DROP TABLE original_part;
DROP TABLE original;
DROP TABLE dismissal;
DROP TABLE import_source;
