package command

import (
	"context"
	"strings"
	"unicode/utf8"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/searchgram"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
)

// A search finds words as parts of a text, because Chinese does not say where a
// word begins. Each pair of neighbouring characters of a text stands in SearchGram;
// the rows that hold all pairs of a word are looked at themselves. It is the same on
// both databases and needs no extension of either; see decision 0018.

// What a search may hold, in characters.
const (
	searchLength   = 64
	searchWordsMax = 8
	searchWordMin  = 2
)

// NormalText is a text as searches see it: compatible forms alike (full and half width,
// ligatures), upper case as lower, one space for any white space.
func NormalText(text string) string {
	return strings.Join(strings.Fields(norm.NFKC.String(strings.ToLower(norm.NFKC.String(text)))), " ")
}

// SearchText joins the texts of a row, each normal. The line end between them is
// part of no word.
func SearchText(parts ...string) string {
	out := make([]string, 0, len(parts))
	for _, p := range parts {
		if n := NormalText(p); n != "" {
			out = append(out, n)
		}
	}
	return strings.Join(out, "\n")
}

// grams are the pairs of neighbouring characters of a text, each once, those with a
// space left out: words have none.
func grams(text string) []string {
	var out []string
	seen := map[string]bool{}
	before, width := rune(0), 0
	for i, r := range text {
		if width > 0 && !space(before) && !space(r) {
			if g := text[i-width : i+utf8.RuneLen(r)]; !seen[g] {
				seen[g] = true
				out = append(out, g)
			}
		}
		before, width = r, utf8.RuneLen(r)
	}
	return out
}

func space(r rune) bool { return r == ' ' || r == '\n' }

// SearchWords reads the text of a search; nil for none. Every word must be found.
func SearchWords(path string, text *string) ([]string, error) {
	if text == nil {
		return nil, nil
	}
	words := strings.Fields(NormalText(*text))
	switch {
	case utf8.RuneCountInString(*text) > searchLength || len(words) > searchWordsMax:
		return nil, fault.Bad(path, "too_long", fault.Tf("搜索内容最多 %d 个字、%d 个词。", "A search has at most %d characters and %d words.", searchLength, searchWordsMax))
	case len(words) == 0:
		return nil, fault.Bad(path, "empty", fault.T("请输入搜索内容。", "A search needs a word."))
	}
	for _, w := range words {
		if utf8.RuneCountInString(w) < searchWordMin {
			return nil, fault.Bad(path, "too_short", fault.Tf("每个词至少 %d 个字。", "Each word needs at least %d characters.", searchWordMin))
		}
	}
	return words, nil
}

// HoldsWord is true where a row's text holds a word.
func HoldsWord(s *sql.Selector, noun id.Noun, word string) *sql.Predicate {
	all := []*sql.Predicate{sql.Contains(s.C(hazard.FieldSearchText), word)} // the column has one name in all tables
	for _, g := range grams(word) {
		t := sql.Table(searchgram.Table)
		all = append(all, sql.In(s.C(hazard.FieldID), sql.Dialect(s.Dialect()).Select(t.C(searchgram.FieldRowID)).From(t).
			Where(sql.And(sql.EQ(t.C(searchgram.FieldNoun), string(noun)), sql.EQ(t.C(searchgram.FieldGram), g)))))
	}
	return sql.And(all...)
}

// Search keeps the rows of a noun whose text holds every word.
func Search(noun id.Noun, words []string) func(*sql.Selector) {
	return func(s *sql.Selector) {
		for _, w := range words {
			s.Where(HoldsWord(s, noun, w))
		}
	}
}

// IndexText makes a row's text findable; the caller writes the text into the row. A
// text that is indexed twice, or grows, is no harm.
func IndexText(ctx context.Context, tx *ent.Tx, noun id.Noun, row uuid.UUID, text string) error {
	return IndexTexts(ctx, tx, noun, map[uuid.UUID]string{row: text})
}

// gramsAtATime keeps a statement small, and far below the parameters that SQLite allows.
const gramsAtATime = 500

// IndexTexts is indexText for many rows, for the seeding.
func IndexTexts(ctx context.Context, tx *ent.Tx, noun id.Noun, texts map[uuid.UUID]string) error {
	var rows []*ent.SearchGramCreate
	flush := func() error {
		if len(rows) == 0 {
			return nil
		}
		err := tx.SearchGram.CreateBulk(rows...).OnConflictColumns(searchgram.FieldNoun, searchgram.FieldGram, searchgram.FieldRowID).Ignore().Exec(authz.AsSystem(ctx))
		rows = rows[:0]
		return err
	}
	for row, text := range texts {
		for _, g := range grams(text) {
			rows = append(rows, tx.SearchGram.Create().SetNoun(string(noun)).SetGram(g).SetRowID(row))
			if len(rows) == gramsAtATime {
				if err := flush(); err != nil {
					return err
				}
			}
		}
	}
	return flush()
}
