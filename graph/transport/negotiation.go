package transport

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

const (
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
)

// negotiate chooses the media type of the answer by the Accept header; false
// when the client takes neither. Without the header, and for "*/*", it is the
// older application/json, as the specification asks.
func negotiate(r *http.Request) (string, bool) {
	header := r.Header.Values("Accept")
	if strings.TrimSpace(strings.Join(header, "")) == "" {
		return mediaJSON, true
	}
	accept := weighted(header)
	best, bestAt := "", preference{}
	for _, offer := range []string{mediaJSON, mediaGraphQL} {
		var at preference
		found := 0 // how exactly the range names the offer
		for i, a := range accept {
			exact := map[string]int{offer: 3, "application/*": 2, "*/*": 1}[a.value]
			if exact > found {
				found, at = exact, preference{value: offer, q: a.q, at: i}
			}
		}
		if found > 0 && at.q > 0 && (best == "" || at.better(bestAt)) {
			best, bestAt = offer, at
		}
	}
	return best, best != ""
}

// languages are those that answers are written in, matcher finds which of them a
// reader understands best; the first is the default. Readers of traditional
// characters get the simplified ones rather than English.
var (
	languages = []string{"en", "zh", "zh"}
	matcher   = language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese, language.TraditionalChinese})
)

// Language is the language to answer a request in, by its Accept-Language
// header: "zh" or "en", English when it asks for neither or is malformed.
func Language(r *http.Request) string {
	_, i := language.MatchStrings(matcher, strings.Join(r.Header.Values("Accept-Language"), ","))
	return languages[i]
}

// preference is one entry of an Accept header.
type preference struct {
	value string // in lower case, without parameters
	q     float64
	at    int // place in the header
}

// better prefers the greater weight, then the earlier place.
func (p preference) better(o preference) bool { return p.q > o.q || p.q == o.q && p.at < o.at }

// weighted reads the entries of an Accept header with their weights, leaving
// out what it can't read.
func weighted(headers []string) []preference {
	var list []preference
	for part := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		value, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if text, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil || !(q >= 0 && q <= 1) {
				continue
			}
		}
		list = append(list, preference{value: value, q: q, at: len(list)})
	}
	return list
}
