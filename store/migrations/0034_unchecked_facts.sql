-- Which facts nobody has looked for in the audit log yet. The watch looked at one row of every client for that, each time.

-- +goose Up

CREATE TABLE fact_unchecked (
    client_id   text        NOT NULL,
    seq         int         NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (client_id, seq, recorded_at)
);
INSERT INTO fact_unchecked SELECT f.client_id, f.seq, f.recorded_at FROM fact f LEFT JOIN reconciled r USING (client_id) WHERE f.seq > coalesce(r.seq, 0);
DROP TABLE reconciled;

-- +goose StatementBegin
CREATE FUNCTION fact_to_check() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.fact_unchecked (client_id, seq, recorded_at) VALUES (NEW.client_id, NEW.seq, NEW.recorded_at) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER to_check AFTER INSERT ON fact FOR EACH ROW EXECUTE FUNCTION fact_to_check();
REVOKE UPDATE ON fact_unchecked FROM kapflow_app;

-- +goose Down

DROP TRIGGER to_check ON fact;
DROP FUNCTION fact_to_check();
CREATE TABLE reconciled (
    client_id text PRIMARY KEY REFERENCES client,
    seq       int NOT NULL
);
INSERT INTO reconciled SELECT client_id, min(seq) - 1 FROM fact_unchecked GROUP BY client_id;
INSERT INTO reconciled SELECT client_id, max(seq) FROM fact GROUP BY client_id ON CONFLICT DO NOTHING;
REVOKE DELETE ON reconciled FROM kapflow_app;
DROP TABLE fact_unchecked;
