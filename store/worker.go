package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// SeeWorker notes that a worker of a build runs. LiveBuilds forgets it after half a minute unless it is seen again.
func (s *Store) SeeWorker(ctx context.Context, worker, buildID string) error {
	return s.alone("see worker", func(q querier) error {
		_, err := q.Exec(ctx, `
			INSERT INTO worker_seen (worker, build_id, seen_at) VALUES ($1, $2, now())
			ON CONFLICT (worker) DO UPDATE SET build_id = EXCLUDED.build_id, seen_at = now()`, worker, buildID)
		return err
	})
}

// ForgetWorker notes that a worker ended.
func (s *Store) ForgetWorker(ctx context.Context, worker string) error {
	return s.alone("forget worker", func(q querier) error {
		_, err := q.Exec(ctx, `DELETE FROM worker_seen WHERE worker = $1 OR seen_at < now() - interval '1 day'`, worker)
		return err
	})
}

// workerSeenFor is how long a worker counts as running after it was last seen.
const workerSeenFor = 30 * time.Second

// LiveBuilds lists the builds that a running worker has, in order.
func (s *Store) LiveBuilds(ctx context.Context) (builds []string, err error) {
	err = s.alone("read live builds", func(q querier) error {
		builds, err = each(ctx, q, func(r pgx.Row) (id string, err error) { return id, r.Scan(&id) },
			`SELECT DISTINCT build_id FROM worker_seen WHERE seen_at > now() - $1::interval ORDER BY build_id`, workerSeenFor)
		return err
	})
	return builds, err
}

// ClaimBuild notes which program a build id stands for. It fails with ErrBuildReused when the id was another program's.
func (s *Store) ClaimBuild(ctx context.Context, buildID string, program []byte) error {
	return s.alone("claim build", func(q querier) error {
		var same bool
		err := q.QueryRow(ctx, `
			INSERT INTO worker_build (build_id, program, first_at) VALUES ($1, $2, now())
			ON CONFLICT (build_id) DO UPDATE SET build_id = EXCLUDED.build_id
			RETURNING program = $2`, buildID, program).Scan(&same)
		if err == nil && !same {
			return ErrBuildReused
		}
		return err
	})
}

// KnowsBuild reports whether a worker of a build ever announced itself here.
func (s *Store) KnowsBuild(ctx context.Context, buildID string) (known bool, err error) {
	err = s.alone("look up build", func(q querier) error {
		return q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM worker_build WHERE build_id = $1)`, buildID).Scan(&known)
	})
	return known, err
}
