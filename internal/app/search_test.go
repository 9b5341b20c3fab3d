package app_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// naive is what a search means: every word is part of one of the texts, with
// compatible forms and cases alike.
func naive(query string, texts ...string) bool {
	plain := func(s string) string {
		return strings.Join(strings.Fields(norm.NFKC.String(strings.ToLower(norm.NFKC.String(s)))), " ")
	}
	for word := range strings.FieldsSeq(plain(query)) {
		if !slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(plain(t), word) }) {
			return false
		}
	}
	return true
}

// TestSearchIsNaiveContains compares the index with the definition, over texts of few
// characters, so that pairs without the word are common.
func TestSearchIsNaiveContains(t *testing.T) {
	const seed = 20260311
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		random := rand.New(rand.NewPCG(seed, 1)) // the same texts every time
		alphabet := []string{"消", "防", "栓", "水", "A", "a", "Ｂ", "b", "1", "１", " ", "　", "%", "_", "\\", "é", "e\u0301", "😀", "'", "\n"}
		text := func(least, most int) string {
			var b strings.Builder
			for range least + random.IntN(most-least+1) {
				b.WriteString(alphabet[random.IntN(len(alphabet))])
			}
			return b.String()
		}
		type of struct{ description, place, document string }
		texts := map[uuid.UUID]of{}
		for range 40 {
			in := e.HazardInput()
			in.Description, in.Place = "x"+text(3, 12), new("y"+text(1, 5))
			h := testkit.Must(e.App.ReportHazard(e.As("officer1"), in))(t)
			o := of{in.Description, *in.Place, ""}
			if random.IntN(3) == 0 {
				list := e.OversightInput(h)
				o.document = "文" + text(1, 6)
				list.DocumentNumber = &o.document
				testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), list))(t)
			}
			texts[h.ID] = o
		}
		found := 0
		for range 150 {
			query := text(2, 4)
			if random.IntN(4) == 0 {
				query += " " + text(2, 3)
			}
			page, err := e.App.Hazards(e.As("officer1"), command.PageArgs{First: new(200)}, &app.HazardFilter{Search: &query}, nil)
			if err != nil {
				testkit.Refused(t, err, fault.BadUserInput, "filter.search")
				continue
			}
			got := map[uuid.UUID]bool{}
			for _, h := range page.Rows {
				got[h.ID] = true
			}
			for h, o := range texts {
				if want := naive(query, o.description, o.place, o.document, e.School.Name, e.School.Code); got[h] != want {
					t.Errorf("seed %d: %q finds %q: %v, want %v", seed, query, o, got[h], want)
				}
			}
			found += len(got)
		}
		if found < 50 {
			t.Errorf("only %d hits: the texts test nothing", found)
		}
	})
}

// TestSearchWithTheOtherFilters: by page, with a filter, by the name of the school,
// and never outside of the scope; the statements are as many as without it.
func TestSearchWithTheOtherFilters(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		for i := range 9 {
			in := e.HazardInput()
			in.Description = fmt.Sprintf("灭火器过期 编号%02d", i)
			if i%3 == 0 {
				in.Grade = new(rule.Major)
			}
			testkit.Must(e.App.ReportHazard(e.As("officer1"), in))(t)
		}
		e.Reported()
		search := func(account string, f app.HazardFilter) []*ent.Hazard {
			t.Helper()
			var all []*ent.Hazard
			var after *string
			for {
				p := testkit.Must(e.App.Hazards(e.As(account), command.PageArgs{First: new(2), After: after}, &f, nil))(t)
				all = append(all, p.Rows...)
				if !p.HasNext {
					return all
				}
				after = &p.Cursors[len(p.Cursors)-1]
			}
		}
		for name, c := range map[string]struct {
			account string
			filter  app.HazardFilter
			want    int
		}{
			"two characters":         {"officer1", app.HazardFilter{Search: new("过期")}, 9},
			"two words":              {"officer1", app.HazardFilter{Search: new("灭火器 编号03")}, 1},
			"full width":             {"officer1", app.HazardFilter{Search: new("编号０３")}, 1},
			"with a grade":           {"officer1", app.HazardFilter{Search: new("灭火器"), Grade: new(rule.Major)}, 3},
			"the name of the school": {"officer1", app.HazardFilter{Search: new(e.School.Name)}, 10},
			"name and text":          {"officer1", app.HazardFilter{Search: new(e.School.Name + " 过期")}, 9},
			"as of now":              {"officer1", app.HazardFilter{Search: new("过期"), AsOf: new(e.Clock.Now())}, 9},
			"nothing":                {"officer1", app.HazardFilter{Search: new("爆炸")}, 0},
			"out of scope":           {"officer2", app.HazardFilter{Search: new("过期")}, 0},
			"the county":             {"section", app.HazardFilter{Search: new("过期")}, 9},
		} {
			if got := search(c.account, c.filter); len(got) != c.want {
				t.Errorf("%s: %d hazards, want %d", name, len(got), c.want)
			}
		}

		counted := func(f *app.HazardFilter) int {
			ctx := store.WithCount(e.As("section"))
			testkit.Must(e.App.Hazards(ctx, command.PageArgs{First: new(5)}, f, nil))(t)
			return store.Count(ctx)
		}
		if plain, with := counted(&app.HazardFilter{}), counted(&app.HazardFilter{Search: new("灭火器 过期")}); with != plain {
			t.Errorf("a search takes %d statements, the list %d", with, plain)
		}

		schools := func(account, query string) int {
			return len(testkit.Must(e.App.Schools(e.As(account), command.PageArgs{First: new(200)}, &places.SchoolFilter{Search: &query}, nil))(t).Rows)
		}
		if n := schools("section", e.School.Name); n != 1 {
			t.Errorf("%d schools of one name", n)
		}
		if n := schools("section", e.School.Code); n != 1 {
			t.Errorf("%d schools of one code", n)
		}
		if n := schools("officer2", e.School.Name); n != 0 {
			t.Error("a school out of scope is found")
		}
		for name, query := range map[string]string{
			"nothing": "", "space": " 　", "one character": "水", "one of two words": "消防 水", "too long": strings.Repeat("消", 65), "too many": strings.Repeat("消防 ", 9),
		} {
			_, err := e.App.Hazards(e.As("officer1"), command.PageArgs{First: new(1)}, &app.HazardFilter{Search: &query}, nil)
			testkit.Refused(t, err, fault.BadUserInput, "filter.search")
			_, err = e.App.Schools(e.As("officer1"), command.PageArgs{First: new(1)}, &places.SchoolFilter{Search: &query}, nil)
			if err == nil {
				t.Errorf("schools by %s", name)
			}
		}
	})
}

// TestOldRowsBecomeFindable: what was written before there was a search.
func TestOldRowsBecomeFindable(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Reported()
		list := e.OversightInput(h)
		list.DocumentNumber = new("武教安挂〔2026〕7号")
		testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), list))(t)
		db := e.Store.Ent
		if _, err := db.SearchGram.Delete().Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		if err := db.Hazard.Update().ClearSearchText().Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		if err := db.School.Update().ClearSearchText().Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		found := func(query string) int {
			return len(testkit.Must(e.App.Hazards(e.As("officer1"), command.PageArgs{First: new(10)}, &app.HazardFilter{Search: &query}, nil))(t).Rows)
		}
		queries := []string{"消防栓", e.School.Name, "武教安挂", "7号"}
		for _, q := range queries {
			if found(q) != 0 {
				t.Errorf("%s is found without an index", q)
			}
		}
		if err := e.App.IndexSearch(authz.AsSystem(t.Context())); err != nil {
			t.Fatal(err)
		}
		for _, q := range queries {
			if found(q) != 1 {
				t.Errorf("%s is not found afterwards", q)
			}
		}
	})
}
