package fraudcheck

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/leaklab/leaklab/fixed/fraudcheck/payment"
)

const (
	columns = 6
	// insertRows is the number of rows in one INSERT: 3 000 parameters, where
	// SQLite takes 32 766 and Postgres 65 535.
	insertRows = 500
)

// Fill makes the table of risky users in the database at a
// [payment.Config.DatabaseURL] and fills it, all of it or nothing. A table that
// already has rows is an error: they may be someone's.
func (d Data) Fill(ctx context.Context, databaseURL string) error {
	db, err := payment.OpenSQL(databaseURL)
	if err != nil {
		return fmt.Errorf("fill: database url: %w", err)
	}
	return errors.Join(d.fill(ctx, db), db.Close())
}

func (d Data) fill(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("fill: begin: %w", err)
	}
	defer tx.Rollback() // does nothing once it is committed
	if _, err := tx.ExecContext(ctx, payment.CreateTable); err != nil {
		return fmt.Errorf("fill: create table risky_users: %w", err)
	}
	var used bool
	if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM risky_users)").Scan(&used); err != nil {
		return fmt.Errorf("fill: look into table risky_users: %w", err)
	}
	if used {
		return errors.New("fill: table risky_users already has rows, want a database without it: drop the table or name another database")
	}
	if err := d.insert(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("fill: commit: %w", err)
	}
	return nil
}

// insert puts all rows into the table, in full batches and a last one.
func (d Data) insert(ctx context.Context, tx *sql.Tx) error {
	full, err := tx.PrepareContext(ctx, insertSQL(insertRows))
	if err != nil {
		return fmt.Errorf("fill: prepare: %w", err)
	}
	defer full.Close()
	users := d.RiskyUsers + d.InactiveUsers
	args := make([]any, 0, insertRows*columns)
	for first := 0; first < users; first += insertRows {
		count := min(insertRows, users-first)
		args = args[:0]
		for n := first; n < first+count; n++ {
			r := d.row(n)
			args = append(args, r.userID, r.reason, r.severity, r.reportedBy, r.notes, r.active)
		}
		if count == insertRows {
			_, err = full.ExecContext(ctx, args...)
		} else {
			_, err = tx.ExecContext(ctx, insertSQL(count), args...)
		}
		if err != nil {
			return fmt.Errorf("fill: insert users %d to %d: %w", first, first+count-1, err)
		}
	}
	return nil
}

// insertSQL is an INSERT of a number of rows; SQLite and Postgres both read $1.
func insertSQL(rows int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO risky_users (user_id, reason, severity, reported_by, notes, active) VALUES ")
	for i := range rows * columns {
		switch {
		case i == 0:
			b.WriteString("($")
		case i%columns == 0:
			b.WriteString("), ($")
		default:
			b.WriteString(", $")
		}
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteString(")")
	return b.String()
}
