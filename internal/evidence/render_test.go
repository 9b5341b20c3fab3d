package evidence_test

import (
	"slices"
	"testing"

	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestFilmForms: a video gets a poster with its verdict and what every phone plays
// a while later; what can't be played keeps its verdict.
func TestFilmForms(t *testing.T) {
	testkit.EachWithFFmpeg(t, func(t *testing.T, e *testkit.Env) {
		row := testkit.FileOf(t, e, e.Upload("officer1", e.VideoFile(rule.Site, 2)))
		var forms []rule.RenditionName
		for _, r := range row.Renditions {
			forms = append(forms, r.Name)
			url := testkit.Must(e.App.EvidenceURL(e.As("officer1"), row, r.Name))(t)
			if url == nil || r.Size == 0 || r.Width == 0 {
				t.Errorf("%+v has the URL %v", r, url)
			}
		}
		slices.Sort(forms)
		if !slices.Equal(forms, []rule.RenditionName{rule.Playable, rule.Preview, rule.Thumbnail}) || row.Codec != "h264" || row.PictureHash == nil {
			t.Errorf("forms %q, coded as %q", forms, row.Codec)
		}

		broken := e.VideoFile(rule.Site, 3)
		data := slices.Index(broken.Bytes[len(broken.Bytes)/3:], 0) // in the midst of the pictures
		for i := range broken.Bytes[len(broken.Bytes)/3+data:] {
			broken.Bytes[len(broken.Bytes)/3+data+i] ^= 0x55
		}
		if row := testkit.FileOf(t, e, e.Upload("officer1", broken)); row.Status != rule.Verified {
			t.Errorf("%s %q", row.Status, row.Rejection)
		}
	})
}
