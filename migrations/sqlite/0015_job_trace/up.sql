-- The W3C trace context of the request that asked for it, where requests are traced.
ALTER TABLE job ADD COLUMN trace_context TEXT;
