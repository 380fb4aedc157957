-- cron.job_run_details, filled from the daemon's own history: one row for each attempt of a job of cron.job.

SET LOCAL search_path = pg_catalog, pg_temp;

-- Which attempt of which run a row of cron.job_run_details is.
CREATE TABLE cron.run (
    id bigint NOT NULL,
    attempt integer NOT NULL,
    runid bigint NOT NULL,
    CONSTRAINT run_pkey PRIMARY KEY (id, attempt)
);

CREATE FUNCTION cron.note_run() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_runid bigint;
BEGIN
    IF NEW.status = 'claimed' AND (TG_OP = 'INSERT' OR OLD.attempt <> NEW.attempt) THEN
        v_runid := nextval('cron.runid_seq');
        INSERT INTO cron.job_run_details (jobid, runid, database, username, command, status)
        SELECT j.jobid, v_runid, j.database, j.username, j.command, 'starting'
        FROM cron.job AS j WHERE j.jobid = substr(NEW.job, 6)::bigint;
        INSERT INTO cron.run (id, attempt, runid) VALUES (NEW.id, NEW.attempt, v_runid);
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        RETURN NULL;
    END IF;
    -- How it goes on: still under way, or at its end, which for a run that is tried again is "queued".
    UPDATE cron.job_run_details AS d
    SET status = CASE NEW.status
            WHEN 'claimed' THEN 'starting'
            WHEN 'running' THEN 'running'
            WHEN 'succeeded' THEN 'succeeded'
            ELSE 'failed'
        END,
        job_pid = NEW.pid,
        return_message = coalesce(NEW.result, NEW.reason),
        start_time = NEW.started_at,
        end_time = CASE
            WHEN NEW.status NOT IN ('claimed', 'running') THEN coalesce(NEW.finished_at, clock_timestamp())
        END
    FROM cron.run AS r
    WHERE r.id = NEW.id AND r.attempt = NEW.attempt AND d.runid = r.runid;
    IF NEW.status NOT IN ('claimed', 'running') THEN
        DELETE FROM cron.run AS r WHERE r.id = NEW.id AND r.attempt = NEW.attempt;
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION cron.note_run() FROM PUBLIC;

CREATE TRIGGER note_run AFTER INSERT OR UPDATE ON :"schema".job_run
    FOR EACH ROW WHEN (NEW.job LIKE 'cron:%' AND NEW.status <> 'skipped' AND NEW.status <> 'missed')
    EXECUTE FUNCTION cron.note_run();
