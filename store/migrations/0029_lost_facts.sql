-- A fact gets its number and is saved within a workflow task. If the task is lost afterwards, the journey never knew the fact, and the next
-- one gets the same number. Both stay in the log; fact_lost says which one the journey does not have.

-- +goose Up

-- The journey's time of the saved chart, by which charts of one epoch come in their order: '-infinity' before the first save of an
-- epoch.
ALTER TABLE client ADD COLUMN decided_at timestamptz NOT NULL DEFAULT '-infinity';
UPDATE client SET decided_at = saved_at;

DROP TRIGGER only_forward ON client;
CREATE TRIGGER only_forward BEFORE UPDATE ON client FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.epoch < OLD.epoch OR substring(NEW.chart, 1, 1) < substring(OLD.chart, 1, 1)
        OR NEW.chart_version < OLD.chart_version AND NEW.decided_at <= OLD.decided_at
        OR NEW.decided_at < OLD.decided_at AND NEW.epoch = OLD.epoch)
    EXECUTE FUNCTION only_forward();

ALTER TABLE fact DROP CONSTRAINT fact_pkey;
ALTER TABLE fact ADD PRIMARY KEY (client_id, seq, recorded_at);
DROP INDEX fact_once;
CREATE INDEX fact_by_id ON fact (client_id, fact_id) WHERE fact_id <> '';

CREATE TABLE fact_lost (
    client_id   text        NOT NULL,
    seq         int         NOT NULL,
    recorded_at timestamptz NOT NULL,
    line        text        NOT NULL,      -- the fact's key in the journal
    PRIMARY KEY (client_id, seq, recorded_at),
    FOREIGN KEY (client_id, seq, recorded_at) REFERENCES fact
);

CREATE INDEX fact_lost_by_line ON fact_lost (client_id, line);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fact_lost
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
REVOKE UPDATE, DELETE ON fact_lost FROM kapflow_app;

-- +goose Down

DROP TABLE fact_lost;
DROP INDEX fact_by_id;
CREATE UNIQUE INDEX fact_once ON fact (client_id, fact_id) WHERE fact_id <> '';
ALTER TABLE fact DROP CONSTRAINT fact_pkey;
ALTER TABLE fact ADD PRIMARY KEY (client_id, seq);
DROP TRIGGER only_forward ON client;
CREATE TRIGGER only_forward BEFORE UPDATE ON client FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.chart_version < OLD.chart_version OR NEW.epoch < OLD.epoch
        OR substring(NEW.chart, 1, 1) < substring(OLD.chart, 1, 1))
    EXECUTE FUNCTION only_forward();
ALTER TABLE client DROP COLUMN decided_at;
