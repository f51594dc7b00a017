package practice

import (
	"context"
	"database/sql"
	"time"
)

// What only flaws ask of the database, or do to it.

// again does the work of an event without asking whether it was done.
func (s *store) again(ctx context.Context, e event, now time.Time) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.StmtContext(ctx, s.putEffect).ExecContext(ctx, e.id, e.objectID, e.kind, now.UnixMilli())
		return err
	})
}

// markWithState takes an event down as known, with what it says of its object.
func (s *store) markWithState(ctx context.Context, e event, now time.Time) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.StmtContext(ctx, s.putEvent).ExecContext(ctx, e.id, e.kind, e.objectID, now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.StmtContext(ctx, s.putState).ExecContext(ctx, e.row()...)
		return err
	})
}

// mark takes an event down as known without doing its work.
func (s *store) mark(ctx context.Context, id string, now time.Time) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.StmtContext(ctx, s.putEvent).ExecContext(ctx, id, "", "", now.UnixMilli())
		return err
	})
}

// number answers a question whose answer is one number.
func (s *store) number(ctx context.Context, query string, args ...any) (n int64, err error) {
	if s.away.Load() {
		return 0, errStoreAway
	}
	err = s.read.QueryRowContext(ctx, query, args...).Scan(&n)
	return n, err
}

// change runs one statement.
func (s *store) change(ctx context.Context, query string, args ...any) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
}
