ALTER TABLE job ADD COLUMN trace_context text;
COMMENT ON COLUMN job.trace_context IS 'The W3C trace context of the request that asked for it, where requests are traced.';
