package seed

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// firstMillisecond is the time inside generated ids: 6 April 2021, 00:00 in
// Asia/Shanghai, when the plan's campaign began. It lies before every id that a
// running server makes, so generated rows sort first.
const firstMillisecond = 1_617_638_400_000

// sequence makes ids of the form of UUID version 7 (RFC 9562) from a seed and a
// counter: equal seeds give equal ids, in the order of creation.
type sequence struct {
	seed  uint64
	count uint64
}

func (s *sequence) next() uuid.UUID {
	n := s.count
	s.count++

	var u uuid.UUID
	binary.BigEndian.PutUint64(u[:8], (firstMillisecond+n>>12)<<16|7<<12|n&0xfff)
	binary.BigEndian.PutUint64(u[8:], 0b10<<62|mix(mix(s.seed)+n)>>2)
	return u
}

// mix is the finalizer of splitmix64: neighbours in, unrelated numbers out.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// chunkRows keeps one INSERT small, and far under the parameter limits of both databases
// (SQLite 32,766, PostgreSQL 65,535): a school, the widest row, takes 13.
const chunkRows = 200

// insert saves rows in statements of at most chunkRows, in order.
func insert[R any, B interface{ Exec(context.Context) error }](ctx context.Context, what string, rows []R, bulk func(...R) B) error {
	for chunk := range slices.Chunk(rows, chunkRows) {
		if err := bulk(chunk...).Exec(ctx); err != nil {
			return fmt.Errorf("seed: create %s: %w", what, err)
		}
	}
	return nil
}
